"""Blocks subjects that the operator does not want talked about, by their phrases."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from genai.safety.base import Check, Finding, Scan, Stage

_GAP = r"[^\w]{1,3}"
_HIDDEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]{0,2}"


class TopicsCheck(Check):
    """``topics`` names subjects by phrases, which match as whole words, whatever their case."""

    name = "topics"
    waits = False

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        phrases = [(name, phrase) for name, phrases in topics.items() for phrase in phrases]
        self._names = [name for name, _ in phrases]
        self._longest = max((len(phrase) for _, phrase in phrases), default=0) * 4 + 4
        spelt = [_spell(phrase) for _, phrase in phrases]
        self._phrase = _compile("|".join(f"({''.join(parts)})(?!\\w)" for parts in spelt))
        self._begun = _compile("|".join(f"{_begin(parts)}\\Z" for parts in spelt))

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        findings = tuple(
            Finding(start=m.start(), end=m.end(), rule=self._names[(m.lastindex or 1) - 1])
            for m in self._phrase.finditer(text)
        )
        return Scan(findings=findings, safe_upto=len(text) if final else self._undecided_from(text))

    def _undecided_from(self, text: str) -> int:
        match = self._begun.search(text, max(0, len(text) - self._longest))
        return match.start() if match else len(text)


def _compile(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives})", re.IGNORECASE)


def _spell(phrase: str) -> list[str]:
    """Patterns of the phrase's letters and gaps, in order."""
    words = unicodedata.normalize("NFKC", phrase).split()
    parts: list[str] = []
    for word in words:
        if parts:
            parts.append(_GAP)
        parts += [re.escape(word[0]), *(_HIDDEN + re.escape(letter) for letter in word[1:])]
    return parts


def _begin(parts: Sequence[str]) -> str:
    """The pattern of every beginning of a phrase, from its first letter to the whole."""
    pattern = ""
    for part in reversed(parts[1:]):
        pattern = f"(?:{part}{pattern}|{_partly(part)})?"
    return parts[0] + pattern


def _partly(part: str) -> str:
    return _GAP if part == _GAP else _HIDDEN
