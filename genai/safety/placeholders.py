"""Replaces personal data by placeholders, and restores it for its owner.

    question ──▶ hide ──▶ models, tools, memory, logs ──▶ recognise ──▶ restore ──▶ the same user
               4111 1111…   <CREDIT_CARD_1_kqzvt>                        4111 1111…

The same data always gets the same placeholder, so that a conversation stays consistent. It ends in a random
suffix, so that the author of a document cannot forge one. Placeholders in links are never restored.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from genai.base.vault import Vault
from genai.messages import RequestContext
from genai.safety.base import Original
from genai.safety.folding import readings
from genai.safety.links.check import LINK, bare, links_in
from genai.safety.schema_words import words_in

LONGEST = 56
"""Maximum length of a placeholder."""

_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]{1,38}_\d{1,5}_[b-z]{5}>")
STANDS_FOR_DATA = re.compile(r"<([A-Z][A-Z_]{1,38})(?:_\d{1,5}_[b-z]{5})?>")
"""A placeholder, or an irreversible redaction."""
_NAMES = {"PERSON": "person", "LOCATION": "place", "ADDRESS": "address"}
"""Kinds that a sentence needs a word for."""
_BEGUN = re.compile(r"<(?:[A-Z][A-Z_]{0,39}(?:\d{1,5}(?:_[b-z]{0,5})?)?)?\Z")
_LETTERS = "bcdfghjkmnpqrstvwxz"
"""Without vowels, which could form words, and digits, which could look like facts."""
_IN_LINK = re.compile(
    r"(?://|\bwww\.|\]\(|\.[a-z]{2,18}[/?]|\b(?:href|src|action)\s{0,2}=\s{0,2}\\?[\"']?|\bmailto:)"
    r"\S*\Z",
    re.IGNORECASE,
)
_IN_LINK_OF_JSON = re.compile(
    _IN_LINK.pattern.replace(r"\S*\Z", r'(?:\\.|[^\s"\\])*\Z'), re.IGNORECASE
)
_LONGEST_LINK = 2048
_SPELT_FREELY = frozenset(
    ("EMAIL_ADDRESS", "IP_ADDRESS", "CRYPTO", "PERSON", "LOCATION", "ADDRESS")
)
_SIGNS = re.compile(r"[\W_]+")


def canonical(entity: str, data: str) -> str:
    """A normal form of the data: a number is the same with spaces or dashes."""
    data = readings(data)[-1].text
    if entity in _SPELT_FREELY:
        return " ".join(data.casefold().split())
    return _SIGNS.sub("", data.casefold())


def mark() -> str:
    """The random suffix of a new placeholder."""
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def without_placeholders(text: str) -> str:
    """The text without redacted data; a name is replaced by what it is the name of."""
    return STANDS_FOR_DATA.sub(lambda match: _NAMES.get(match[1], ""), text)


class Placeholders:
    """The placeholders of one request, and of its session, which ``vault`` stores. A session that
    ``begins`` has none yet.
    """

    def __init__(
        self,
        context: RequestContext,
        session_id: str | None = None,
        vault: Vault | None = None,
        *,
        begins: bool = False,
    ) -> None:
        self._context = context
        self._session_id = session_id
        self._vault = vault
        self._begins = begins
        self._data: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._links: frozenset[str] = frozenset()
        self._words: frozenset[str] = frozenset()
        self._counts = Counter[str]()

    @property
    def data(self) -> Mapping[str, str]:
        """The data of each placeholder."""
        return self._data

    def learn_links(self, texts: Iterable[str]) -> None:
        """Lets answers repeat links that the caller gave."""
        self._links |= links_in(texts)

    def learn_schemas(self, schemas: Iterable[str]) -> None:
        """Lets answers repeat the literals of the caller's JSON schemas."""
        self._words |= words_in(schemas)

    async def async_load(self) -> None:
        """Loads the placeholders of earlier requests of the session."""
        if self._vault is None or self._session_id is None or self._begins:
            return
        context = self._context
        known = await self._vault.async_known(context.tenant, context.user, self._session_id)
        for name, data in known.items():
            self._learn(name, data)

    async def async_hide(self, text: str, originals: Sequence[Original]) -> str:
        """Replaces every reversible redaction by a placeholder."""
        found = [(o.entity, o.text) for o in originals]
        unknown = list(
            {_key(*pair): pair for pair in found if _key(*pair) not in self._names}.values()
        )
        for name, (_, data) in zip(await self._name(unknown), unknown, strict=True):
            self._learn(name, data)
        return self.recognise(text, originals)

    def recognise(self, text: str, originals: Sequence[Original]) -> str:
        """Replaces reversible redactions of the caller's own data by placeholders; others stay
        redacted.
        """
        parts: list[str] = []
        position = 0
        for original in originals:
            name = self._name_of(original)
            if name is not None:
                parts += (text[position : original.start], name)
                position = original.end
        return "".join([*parts, text[position:]]) if parts else text

    def _name_of(self, original: Original) -> str | None:
        given = bare(original.text)
        if given and any(given in word for word in self._words):
            return original.text
        if original.entity == LINK:
            return original.text if bare(original.text) in self._links else None
        return self._names.get(_key(original.entity, original.text))

    def restore(self, text: str) -> str:
        """The text as the owner of the data may see it."""
        return restored(text, self._data)

    def restore_json(self, text: str) -> str:
        """The same for JSON, which stays valid."""
        return restored_json(text, self._data)

    async def _name(self, found: Sequence[tuple[str, str]]) -> Sequence[str]:
        if not found:
            return ()
        if self._vault is None or self._session_id is None:
            return [self._next(entity) for entity, _ in found]
        context = self._context
        return await self._vault.async_name(context.tenant, context.user, self._session_id, found)

    def _next(self, entity: str) -> str:
        self._counts[entity] += 1
        return f"<{entity}_{self._counts[entity]}_{mark()}>"

    def _learn(self, name: str, data: str) -> None:
        self._data[name] = data
        self._names.setdefault(_key(name[1:].rsplit("_", 2)[0], data), name)


class Restoring:
    """Restores a text that comes in parts. An incomplete placeholder is held back."""

    def __init__(self, placeholders: Placeholders, *, as_json: bool = False) -> None:
        self._placeholders = placeholders
        self._restored = restored_json if as_json else restored
        self._pending = ""
        self._before = ""

    def feed(self, part: str) -> str:
        """Returns the text that can be shown now, maybe empty."""
        if not self._placeholders.data:
            return part
        text = self._pending + part
        begun = _BEGUN.search(text, max(0, len(text) - LONGEST))
        cut = begun.start() if begun else len(text)
        self._pending = text[cut:]
        shown = self._restored(text[:cut], self._placeholders.data, self._before)
        self._before = (self._before + text[:cut])[-_LONGEST_LINK:]
        return shown

    def rest(self) -> str:
        """Returns the text that was held back."""
        pending, self._pending = self._pending, ""
        return pending


def restored(text: str, data: Mapping[str, str], before: str = "") -> str:
    """The text with the data of its placeholders; ``before`` is the text before it."""
    return _replaced(text, data, lambda value: value, _IN_LINK, before)


def restored_json(text: str, data: Mapping[str, str], before: str = "") -> str:
    """The same within the strings of a JSON text."""
    return _replaced(
        text,
        data,
        lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
        _IN_LINK_OF_JSON,
        before,
    )


def hidden(text: str, data: Mapping[str, str]) -> str:
    """The inverse of `restored`, for results of tools that got the data."""
    for name, value in data.items():
        text = text.replace(value, name)
    return text


def _replaced(
    text: str,
    data: Mapping[str, str],
    spelt: Callable[[str], str],
    in_link: re.Pattern[str],
    before: str = "",
) -> str:
    if not data or "<" not in text:
        return text
    whole, start = before + text, len(before)

    def replacement(match: re.Match[str]) -> str:
        at = match.start() + start
        known = match[0] in data
        linked = known and in_link.search(whole[max(0, at - _LONGEST_LINK) : at])
        return spelt(data[match[0]]) if known and not linked else match[0]

    return _PLACEHOLDER.sub(replacement, text)


def _key(entity: str, data: str) -> tuple[str, str]:
    return entity, canonical(entity, data)
