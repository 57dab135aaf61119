"""Blocks subjects that the operator excluded, by their phrases."""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import Folded, readings

_MARKS = "*~`_"
"""Emphasis, which may be within a word."""

_GAP = rf"(?:[{_MARKS}]{{0,3}}[^\w{_MARKS}]{{1,3}}[{_MARKS}]{{0,3}}|[{_MARKS}]{{1,3}})"

_HIDDEN = f"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff{_MARKS}]{{0,3}}"
_WITHOUT_MARKS = dict.fromkeys(map(ord, _MARKS))
_WORD_CHARACTERS = string.ascii_letters + string.digits
_LETTER = r"[^\W_]"
_OTHER_CHARACTERS = "".join(set(map(chr, range(128))) - set(_WORD_CHARACTERS))


class TopicsCheck(Check):
    """``topics`` has the phrases of each subject, which match as whole words in any case.

    In ASCII text no letter can be disguised, so plain searches for words exclude most texts.
    """

    name = "topics"
    waits = False

    def __init__(
        self,
        topics: Mapping[str, Sequence[str]],
        action: Literal["redact", "block"] = "block",
    ) -> None:
        self._replacement = "<REMOVED>" if action == "redact" else None
        phrases = [(name, _words(phrase)) for name, given in topics.items() for phrase in given]
        self._names = [name for name, _ in phrases]
        self._longest = max((len(" ".join(words)) for _, words in phrases), default=0) * 4 + 4
        spelt = [_spell(words) for _, words in phrases]
        self._phrase = _compile("|".join(f"({''.join(parts)})(?!{_LETTER})" for parts in spelt))
        self._begun = _compile("|".join(f"{_begin(parts)}\\Z" for parts in spelt))
        folded = [[word.lower() for word in words] for _, words in phrases]
        self._telling = {max(words, key=len).translate(_WITHOUT_MARKS) for words in folded}
        self._plain = all(word.isidentifier() for words in folded for word in words)
        self._whole = {word for words in folded for word in words}
        self._beginnings = {word[:end] for word in self._whole for end in range(1, len(word) + 1)}

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        _, *decoded = readings(text, final=final)
        scans = [self._scan(read, final) for read in (Folded(text), *decoded)]
        return Scan(
            findings=tuple(finding for scan in scans for finding in scan.findings),
            safe_upto=len(text) if final else min(scan.safe_upto for scan in scans),
        )

    def _scan(self, read: Folded, final: bool) -> Scan:
        text = read.text
        safe_upto = read.position(len(text) if final else self._undecided_from(text))
        small = text.lower().translate(_WITHOUT_MARKS)
        if text.isascii() and not any(map(small.__contains__, self._telling)):
            return Scan(safe_upto=safe_upto)
        findings = tuple(
            Finding(
                *read.place(*match.span()),
                rule=self._names[(match.lastindex or 1) - 1],
                replacement=self._replacement,
            )
            for match in self._phrase.finditer(text)
        )
        return Scan(findings=findings, safe_upto=safe_upto)

    def _undecided_from(self, text: str) -> int:
        start = max(0, len(text) - self._longest)
        tail = text[start:]
        marked = any(map(tail.__contains__, _MARKS))
        if self._plain and tail.isascii() and not (marked or self._may_have_begun(tail.lower())):
            return len(text)
        match = self._begun.search(text, start)
        return match.start() if match else len(text)

    def _may_have_begun(self, tail: str) -> bool:
        """Whether the last word of an ASCII text is, or begins, a word of a phrase."""
        words = tail.rstrip(_OTHER_CHARACTERS)
        last = words[len(words.rstrip(_WORD_CHARACTERS)) :]
        return last in (self._beginnings if words == tail else self._whole)


def _compile(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{_LETTER})(?:{alternatives})", re.IGNORECASE)


def _words(phrase: str) -> list[str]:
    return unicodedata.normalize("NFKC", phrase).split()


def _spell(words: Sequence[str]) -> list[str]:
    """Patterns for the letters and gaps of the phrase, in order."""
    parts: list[str] = []
    for word in words:
        if parts:
            parts.append(_GAP)
        parts += [re.escape(word[0]), *(_HIDDEN + re.escape(letter) for letter in word[1:])]
    return parts


def _begin(parts: Sequence[str]) -> str:
    """A pattern for every prefix of a phrase."""
    pattern = ""
    for part in reversed(parts[1:]):
        pattern = f"(?:{part}{pattern}|{_partly(part)})?"
    return parts[0] + pattern


def _partly(part: str) -> str:
    return _GAP if part == _GAP else _HIDDEN
