"""Detects personal data: numbers and addresses by their form, and names with a recognizer."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Literal, Protocol

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import readings
from genai.safety.identifiers import undecided_from

Action = Literal["placeholder", "redact", "block"]

Place = tuple[int, int, str]
"""Start, end and kind of personal data."""


class Recognizer(Protocol):
    """Finds personal data of one or more kinds in a text."""

    def find(self, text: str) -> Iterable[Place]: ...


class PersonalDataCheck(Check):
    """``actions`` has the action on findings by stage; other stages are not checked.

    A ``placeholder`` is a redaction that can be undone for the owner of the data.
    """

    waits = False

    def __init__(
        self,
        recognizers: Sequence[Recognizer],
        actions: Mapping[Stage, Action],
        *,
        name: str = "pii",
    ) -> None:
        self.name = name
        self._recognizers = tuple(recognizers)
        self._actions = dict(actions)

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        action = self._actions.get(stage)
        safe_upto = len(text) if final or action is None else _undecided_from(text)
        if action is None:
            return Scan(safe_upto=safe_upto)
        findings = tuple(
            Finding(
                start=start,
                end=end,
                rule=entity,
                replacement=None if action == "block" else _instead(text[start:end], entity),
                reversible=action == "placeholder",
            )
            for start, end, entity in places(text, self._recognizers, final=final)
        )
        return Scan(findings=findings, safe_upto=safe_upto)


_APART = re.compile(r"[|\"<]")
_PARTS = {
    "CREDIT_CARD": re.compile(r"(?<![A-Za-z_])\d+(?:[ \u00a0-]?\d+)*(?![A-Za-z_])"),
    "IBAN_CODE": re.compile(
        r"(?:[A-Z]{4}|[A-Za-z]*\d\w*)(?:[ \u00a0-](?:[A-Z]{4}|[A-Za-z]*\d\w*))*"
    ),
}
_PROPERTY = re.compile(r"(?<=\")[a-z_](?:[^\"\\\d]|\d(?!\d\d)){0,40}(?=\"\s{0,3}:)")
"""The name of a JSON property between the parts, which keeps the JSON as its schema wants it. Parts of an
IBAN begin with a capital or a digit, and a name with three digits in a row could hold a part.
"""


def _instead(data: str, entity: str) -> str:
    """The replacement of the data. If its parts are separate, as in cells, each is replaced."""
    if entity not in _PARTS or not _APART.search(data) or "\\" in data:
        return f"<{entity}>"
    values, names = _PROPERTY.split(data), _PROPERTY.findall(data)
    redacted = [_PARTS[entity].sub(f"<{entity}>", value) for value in values]
    return "".join(chain.from_iterable(zip(redacted, [*names, ""], strict=True)))


def places(text: str, recognizers: Sequence[Recognizer], *, final: bool = True) -> list[Place]:
    """All personal data; of overlapping findings the longest, or the first."""
    found = [
        (*read.place(start, end), entity)
        for read in readings(text, final=final)
        for recognizer in recognizers
        for start, end, entity in recognizer.find(read.text)
    ]
    if len(found) < 2:
        return found
    kept: list[Place] = []
    covered = 0
    for start, end, entity in sorted(found, key=lambda place: (place[0], -place[1])):
        if end > covered:
            covered = end
            kept.append((start, end, entity))
    return kept


def _undecided_from(text: str) -> int:
    return min(read.position(undecided_from(read.text)) for read in readings(text, final=False))


def without(text: str, recognizers: Sequence[Recognizer]) -> str:
    """The text with personal data irreversibly replaced by its kind."""
    parts: list[str] = []
    position = 0
    for start, end, entity in places(text, recognizers):
        parts += (text[position : max(start, position)], _instead(text[start:end], entity))
        position = end
    return "".join([*parts, text[position:]])
