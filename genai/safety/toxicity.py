"""Finds insults, threats and contempt in answers.

words ──▶ one that is hot? ──▶ what is said around it ──▶ classifier ──▶ score 0 to 1

Nearly no answer has a hot word, so nearly none is held back or classified. What is found begins at
the hot word: what stands before it is only context.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import Folded, readings
from genai.safety.injection_reading import plain
from genai.safety.linear_classifier import LinearClassifier
from genai.safety.word_search import word_finder

SHIPPED = Path(__file__).with_name("toxicity_model.npz")

BEFORE = 60
"""Characters before a hot word that count. Fewer than `LOOKBEHIND`, so that streams see them, too."""

AFTER = 200
_LETTERS = "A-Za-z0-9\u00c0-\u024f*@$!#%&'"
_WORD = re.compile(f"[{_LETTERS}]+")
_words = word_finder(_WORD)
_LAST = re.compile(f"(?<![{_LETTERS}])[{_LETTERS}]{{1,63}}\\Z")
_STOP = re.compile(r"[.!?\n\x02]\s|\n|\x02")


class ToxicityCheck(Check):
    name = "toxicity"
    waits = False

    def __init__(
        self, action: Literal["redact", "block"], threshold: float, model: Path = SHIPPED
    ) -> None:
        self._replacement = "<REMOVED>" if action == "redact" else None
        self._threshold = threshold
        self._classifier = LinearClassifier(model)
        with np.load(model, allow_pickle=False) as file:
            words = frozenset(file["hot"].tolist())

        @lru_cache(maxsize=4_096)
        def hot(word: str) -> bool:
            return crc32(word.encode("utf-8", "replace")) in words

        self._hot = hot

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        scans = [self._scan(read, final) for read in readings(text, final=final)]
        held = len(text) if final else min(scan.safe_upto for scan in scans)
        return Scan(safe_upto=held, findings=tuple(f for scan in scans for f in scan.findings))

    def _scan(self, read: Folded, final: bool) -> Scan:
        text = read.text
        held = len(text) if final else _last_word(text)
        findings: list[Finding] = []
        if not text.isascii() or any(map(self._hot, spoken(text.lower()))):
            for start, end, score, ended in self._said(text):
                if not (ended or final):
                    held = min(held, start)
                if score >= self._threshold:
                    place = read.place(start, end)
                    findings.append(Finding(*place, "toxic", round(score, 3), self._replacement))
        return Scan(safe_upto=read.position(held), findings=tuple(findings))

    def _said(self, text: str) -> Iterator[tuple[int, int, float, bool]]:
        """What begins at each hot word: where it stands, its score, and whether it has ended."""
        for word in _WORD.finditer(text):
            start = word.start()
            if not self._hot(word[0].lower()):
                continue
            end, ended = _end(text, start)
            said = plain(text[_begin(text, start) : end]).text
            yield start, end, self._classifier.score(said), ended


def spoken(text: str) -> list[str]:
    """The words of a text, with the signs that stand for letters."""
    return _words(text)


def _begin(text: str, start: int) -> int:
    """Where the sentence of a word begins, or the first whole word near enough."""
    floor = max(0, start - BEFORE)
    before = text[floor:start]
    stops = [match.end() for match in _STOP.finditer(before)]
    if stops:
        return floor + stops[-1]
    return floor + before.find(" ") + 1 if floor else 0


def _end(text: str, start: int) -> tuple[int, bool]:
    """Where the sentence of a word ends, and whether more text could change that."""
    stop = _STOP.search(text, start, start + AFTER + 1)
    if stop:
        return stop.start() + 1, True
    if len(text) <= start + AFTER:
        return len(text), False
    space = text.rfind(" ", start + AFTER // 2, start + AFTER)
    return (space if space > 0 else start + AFTER), True


def _last_word(text: str) -> int:
    match = _LAST.search(text, max(0, len(text) - 64))
    return match.start() if match else len(text)
