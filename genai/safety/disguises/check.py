"""Finds personal data and secrets that an answer discloses in disguise, without having been told them.

    answer ──▶ without emphasis, spelt numbers, decoded, in pieces, backwards ──▶ recognizers ──▶ findings

What a model was told is searched for in more forms (`genai.safety.retelling`). Here, the data must betray
itself: by check digits, a form that nothing else has, or the beginning of a token.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from genai.safety import encoded_runs
from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.disguises import pieces, spelt, unmarked
from genai.safety.disguises.rewritten import find_reversed, find_rewritten_tokens
from genai.safety.disguises.squeezed import possible_ends, squeezed, squeezes
from genai.safety.encoded_runs import Decoded
from genai.safety.folding import readings
from genai.safety.identifiers import undecided_from as number_undecided_from
from genai.safety.personal_data import Place, Recognizer
from genai.safety.secrets import find_tokens
from genai.safety.secrets import undecided_from as secret_undecided_from

Action = Literal["redact", "block"]
Find = Callable[[str], Iterable[Place]]

_LETTERS = 200
"""Letters of a token in pieces, at most."""

_CODINGS = 2
"""Encodings within each other that are decoded."""

_SPELT = ("CREDIT_CARD", "IBAN_CODE")
"""Kinds with check digits, which no number in prose has by chance."""


_GROUPED = ("CREDIT_CARD", "IBAN_CODE", "US_SSN")
"""Kinds that are also read over the end of a line."""


class DisguiseCheck(Check):
    """``personal`` finds personal data; None leaves it out. Secrets block the answer."""

    name = "disguises"
    waits = False

    def __init__(self, personal: Recognizer | None, action: Action, *, secrets: bool) -> None:
        self._personal = personal
        self._action = action
        self._secrets = secrets

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        safe_upto = len(text)
        findings: list[Finding] = []
        for read in readings(text, final=final):
            findings += (
                Finding(*read.place(start, end), kind, replacement=self._instead(kind))
                for start, end, kind in self._found(read.text)
            )
            if not final:
                safe_upto = min(safe_upto, read.position(self._undecided_from(read.text)))
        return Scan(safe_upto=safe_upto, findings=tuple(findings))

    def _instead(self, kind: str) -> str | None:
        return f"<{kind}>" if kind.isupper() and self._action == "redact" else None

    def _found(self, text: str) -> Iterator[Place]:
        if self._secrets:
            for letters in squeezes(text):
                yield from pieces.find_broken_tokens(letters)
            yield from find_rewritten_tokens(text)
        if self._personal:
            yield from find_reversed(text)
            for read in unmarked.unmarked(text):
                for start, end, kind in _within(read, self._personal.find, apart=True):
                    if "\n" not in text[start:end] or _is_grouped(text[start:end], kind):
                        yield start, end, kind
        for read in spelt.spelt_out(text):
            yield from _within(read, self._sure)
        yield from self._decoded(text, _CODINGS)

    def _sure(self, text: str) -> Iterator[Place]:
        if self._secrets:
            yield from pieces.find_broken_tokens(squeezed(text))
        if self._personal:
            found = self._personal.find(text.upper())
            yield from (place for place in found if place[2] in _SPELT)

    def _decoded(self, text: str, codings: int) -> Iterator[Place]:
        for read in encoded_runs.decoded(text):
            yield from _within(read, self._plain)
            yield from _within(read.backwards, self._plain)
            if codings > 1:
                yield from _within(read, lambda inner: self._decoded(inner, codings - 1))

    def _plain(self, text: str) -> Iterator[Place]:
        if self._secrets:
            yield from find_tokens(text)
        if self._personal:
            yield from self._personal.find(text)

    def _undecided_from(self, text: str) -> int:
        undecided = [encoded_runs.undecided_from(text), secret_undecided_from(text)]
        if self._secrets:
            tokens = (pieces.undecided_from(end, _LETTERS) for end in possible_ends(text))
            undecided += (token for token in tokens if token is not None)
        undecided.append(spelt.undecided_from(text))
        if self._personal:
            undecided.append(self._number_from(text))
        return min(undecided)

    def _number_from(self, text: str) -> int:
        begun = unmarked.begun_from(text)
        for read in unmarked.unmarked(text[:begun]):
            number = number_undecided_from(read.text)
            return read.place(number)[0] if number < len(read.text) else begun
        return min(begun, number_undecided_from(text[:begun]))


def _is_grouped(number: str, kind: str) -> bool:
    """Whether a number over two lines has other separators: bare ones may be two rows of a table."""
    lines = "".join(map(str.strip, number.split("\n")))
    return kind in _GROUPED and not lines.isalnum()


def _within(read: Decoded, find: Find, *, apart: bool = False) -> Iterator[Place]:
    """What is found in the reading, as places in the text; with ``apart``, only where they differ."""
    for start, end, kind in find(read.text):
        first, last = read.span(start, end)
        if not apart or last - first != end - start:
            yield first, last, kind
