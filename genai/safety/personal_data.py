"""Finds personal data of a fixed form: numbers of cards and accounts, addresses, telephones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.identifiers import undecided_from

_MAY_IDENTIFY = re.compile(r"[0-9@:]")


class Recognizer(Protocol):
    """Says where one kind of personal data stands in a text."""

    @property
    def entity(self) -> str: ...

    def find(self, text: str) -> Iterable[tuple[int, int]]: ...


class PersonalDataCheck(Check):
    """``actions`` says for each stage what becomes of a finding; other stages are not checked."""

    name = "pii"
    waits = False

    def __init__(
        self,
        recognizers: Sequence[Recognizer],
        actions: Mapping[Stage, Literal["redact", "block"]],
    ) -> None:
        self._recognizers = tuple(recognizers)
        self._actions = dict(actions)

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        action = self._actions.get(stage)
        safe_upto = len(text) if final or action is None else undecided_from(text)
        if action is None or not _MAY_IDENTIFY.search(text):
            return Scan(safe_upto=safe_upto)
        return Scan(findings=self._findings(text, action), safe_upto=safe_upto)

    def _findings(self, text: str, action: str) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                start=start,
                end=end,
                rule=entity,
                replacement=f"<{entity}>" if action == "redact" else None,
            )
            for start, end, entity in self._places(text)
        )

    def _places(self, text: str) -> list[tuple[int, int, str]]:
        """Where personal data stands; of two kinds in one place the longer or earlier listed."""
        found = [
            (start, -end, rank, recognizer.entity)
            for rank, recognizer in enumerate(self._recognizers)
            for start, end in recognizer.find(text)
        ]
        places: list[tuple[int, int, str]] = []
        covered = 0
        for start, negative_end, _, entity in sorted(found):
            if -negative_end > covered:
                covered = -negative_end
                places.append((start, covered, entity))
        return places
