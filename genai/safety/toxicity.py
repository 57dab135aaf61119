"""Finds insults, threats and contempt in answers.

words ──▶ a trigger word? ──▶ the text around it ──▶ classifier ──▶ score 0 to 1

Trigger words are rare, so hardly any answer is held back or classified. A finding begins at the trigger
word; the text before it is only context.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.classifiers.linear import LinearClassifier
from genai.safety.folding import Folded, readings
from genai.safety.injection.reading import plain
from genai.safety.word_search import word_finder

SHIPPED = Path(__file__).with_name("toxicity_model.npz")

BEFORE = 60
"""Characters of context before a trigger word. Fewer than `LOOKBEHIND`, so that streams have them."""

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
        def is_trigger(word: str) -> bool:
            return crc32(word.encode("utf-8", "replace")) in words

        self._is_trigger = is_trigger

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        scans = [self._scan(read, final) for read in readings(text, final=final)]
        held = len(text) if final else min(scan.safe_upto for scan in scans)
        return Scan(safe_upto=held, findings=tuple(f for scan in scans for f in scan.findings))

    def _scan(self, read: Folded, final: bool) -> Scan:
        text = read.text
        held = len(text) if final else _last_word(text)
        findings: list[Finding] = []
        if not text.isascii() or any(map(self._is_trigger, words_of(text.lower()))):
            for start, end, score, ended in self._scored(text):
                if not (ended or final):
                    held = min(held, start)
                if score >= self._threshold:
                    place = read.place(start, end)
                    findings.append(Finding(*place, "toxic", round(score, 3), self._replacement))
        return Scan(safe_upto=read.position(held), findings=tuple(findings))

    def _scored(self, text: str) -> Iterator[tuple[int, int, float, bool]]:
        """For each trigger word: the span of the text from it, its score, and whether the span is final."""
        for word in _WORD.finditer(text):
            start = word.start()
            if not self._is_trigger(word[0].lower()):
                continue
            end, ended = _end(text, start)
            around = plain(text[_begin(text, start) : end]).text
            yield start, end, self._classifier.score(around), ended


def words_of(text: str) -> list[str]:
    """The words of a text, including signs that replace letters."""
    return _words(text)


def _begin(text: str, start: int) -> int:
    """The start of the sentence of a word, or of the first word within `BEFORE` characters."""
    floor = max(0, start - BEFORE)
    before = text[floor:start]
    stops = [match.end() for match in _STOP.finditer(before)]
    if stops:
        return floor + stops[-1]
    return floor + before.find(" ") + 1 if floor else 0


def _end(text: str, start: int) -> tuple[int, bool]:
    """The end of the sentence of a word, and whether it is final."""
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
