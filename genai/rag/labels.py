"""Checks the titles and sources of documents like answers before a list of documents shows them.

The author of a document chooses them, so they may hold personal data, secrets or insults just as its text
may. Unlike an answer, a list is not refused because of one document: its text becomes ``<REMOVED>``.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from genai.errors import ContentRefused
from genai.lru_cache import LRUCache
from genai.messages import RequestContext
from genai.safety.base import Guard
from genai.safety.cleaned import cleaned
from genai.safety.gate import Gate
from genai.safety.links.check import LINK

REMOVED = "<REMOVED>"
_TOGETHER = 20
_REMEMBERED = 20_000
_ADDRESS = re.compile(r"(?:[a-z][a-z\d+.-]*://|www\.)[^\s<>\[\]\"`\\]+", re.IGNORECASE)
"""One address and nothing else; without the characters of Markdown and HTML around links."""
_DIGIT = re.compile(r"\d")


class Label(NamedTuple):
    """What a list tells of a document."""

    title: str
    source: str


class LabelGuard:
    """Caches what may be shown of each label, because the same ones are listed again and again.

    A source that is the address of a page may be shown, also as the title of its document. All other
    links are taken out, whatever the sources of other documents are.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._known = LRUCache[tuple[str, Label], Label](_REMEMBERED)

    async def async_shown(self, labels: Sequence[Label], context: RequestContext) -> list[Label]:
        """The labels as callers of this tenant may see them. Raises `GuardUnavailable`."""
        shown: dict[Label, Label] = {}
        unknown: list[Label] = []
        for label in dict.fromkeys(labels):
            known = self._known.recall((context.tenant, label))
            if known is None:
                unknown.append(label)
            else:
                shown[label] = known
        for start in range(0, len(unknown), _TOGETHER):
            some = unknown[start : start + _TOGETHER]
            checked = await self._checked(some, context)
            shown.update(zip(some, checked, strict=True))
            self._known.keep(((context.tenant, label), shown[label]) for label in some)
            await asyncio.sleep(0)  # other requests of this process go on meanwhile
        return [shown[label] for label in labels]

    async def _checked(self, labels: Sequence[Label], context: RequestContext) -> list[Label]:
        gate = Gate(self._guard, context)
        texts = [text for label in labels for text in label]
        try:
            allowed = await gate.release_all(texts)
        except ContentRefused:
            allowed = [await _alone(gate, text) for text in texts]
        pairs = zip(allowed[::2], allowed[1::2], strict=True)
        return [_shown(*pair) for pair in zip(labels, map(Label._make, pairs), strict=True)]


def _shown(label: Label, allowed: Label) -> Label:
    if _spans_both(label):
        return Label(REMOVED, REMOVED)
    if not _is_address(label.source, allowed.source):
        return allowed
    title = label.title if label.title == label.source else allowed.title
    return Label(title, label.source)


def _is_address(source: str, allowed: str) -> bool:
    """Whether the source is one address, in which the checks found nothing but a link."""
    before, link, after = allowed.partition(f"<{LINK}>")
    whole = link and source.startswith(before) and source.endswith(after)
    return bool(whole and _ADDRESS.fullmatch(source)) and cleaned(source) == source


def _spans_both(label: Label) -> bool:
    """Whether a number begins in the title and ends in the source."""
    if not all(map(_DIGIT.search, label)):
        return False
    title, source = map(cleaned, label)
    both = cleaned(" ".join(label))
    return not (both.startswith(f"{title} ") or both.endswith(f" {source}"))


async def _alone(gate: Gate, text: str) -> str:
    try:
        [allowed] = await gate.release_all([text])
    except ContentRefused:
        return REMOVED
    return allowed
