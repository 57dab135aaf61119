"""Detects leaks of system prompts: by a canary, by sequences of their words, and by their letters in codes.

    system prompt ──▶ marked ──▶ model ──▶ answer ──▶ the canary, or a sequence of the prompt's words?

The canary comes first, so that a prompt leaked in base64 or backwards is recognised early. Whatever stands
between its letters is ignored.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Literal

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.disguises.recoded import RecodedTexts
from genai.safety.disguises.scattered import ScatteredWords
from genai.safety.disguises.squeezed import Squeezed, possible_ends, squeezes
from genai.safety.folding import readings
from genai.safety.retelling.forms import Datum, bare, forms
from genai.safety.retelling.numerals import SPELLING
from genai.safety.word_search import word_finder

RUN = 9
"""Number of consecutive words of a prompt that are no coincidence."""

SHARE = 0.6
SHORTEST_RUN = 6
"""The share of the words of a short prompt that suffices, and the minimum number of words."""

_WORD = re.compile(r"\w+")
_words = word_finder(_WORD)
_VARIABLE = re.compile(r"\{\{\w+\}\}")
_GRAM = 3
_NEAR = 48
_FAR = 400
"""Characters at the end of a text in which a sequence may begin that continues."""

_LETTERS = "bcdfghjkmnpqrstvwxz"
_LONGEST_CODE = 40
"""Letters of a code that is encoded again."""


def canary(prompt: str) -> str:
    """The canary of a prompt: twelve letters that occur in no other text.

    It is derived from the prompt, because the model and the check run in different processes.
    """
    digest = sha256(prompt.encode("utf-8", "replace")).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:12])


def marked(prompt: str) -> str:
    """The prompt with its canary, as sent to the model."""
    return f"[{canary(prompt)}] {prompt}"


class PromptLeakCheck(Check):
    """``prompts`` are system prompts or parts of them, without inserted values."""

    name = "system_prompt"
    waits = False

    def __init__(self, action: Literal["redact", "block"], prompts: Sequence[str]) -> None:
        self._replacement = "<REMOVED>" if action == "redact" else None
        self._marks = frozenset(form for prompt in prompts for form in _forms(canary(prompt)))
        self._recoded = RecodedTexts(prompts)
        self._mark_begun = {mark[:end] for mark in self._marks for end in range(1, len(mark))}
        self._longest_mark = max(map(len, self._mark_begun), default=0)
        self._runs: dict[str, list[tuple[str, int]]] = {}
        parts = [part for prompt in prompts for part in _VARIABLE.split(prompt)]
        self._scattered = ScatteredWords(parts)
        texts = [_WORD.findall(part.lower()) for part in parts]
        self._said = "\n".join(f" {' '.join(words)} " for words in texts)
        self._grams: dict[str, int] = {}
        for words in texts:
            enough = max(SHORTEST_RUN, min(RUN, round(SHARE * len(words))))
            for at in range(len(words) - _GRAM + 1):
                gram = " ".join(words[at : at + _GRAM])
                self._grams[gram] = min(enough, self._grams.get(gram, enough))

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        safe_upto = len(text)
        findings: list[Finding] = []
        for read in readings(text, final=final):
            small = _small(read.text)
            if not final:
                safe_upto = min(safe_upto, read.position(self._undecided_from(small, read.text)))
            findings += (
                Finding(*read.place(start, end), rule, replacement=self._replacement)
                for start, end, rule in (*self._marked(read.text), *self._repeated(small))
            )
        return Scan(safe_upto=safe_upto, findings=tuple(findings))

    def _marked(self, text: str) -> Iterator[tuple[int, int, str]]:
        for read in squeezes(text):
            letters = read.letters.lower()
            for mark in filter(letters.__contains__, self._marks):
                at = letters.find(mark)
                yield *read.span(at, at + len(mark)), "canary"
            for start, end in self._recoded.find(read):
                yield start, end, "recoded"

    def _repeated(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Finds sequences of words. One in three positions is tried, which is enough for the shortest."""
        for start, end in self._scattered.find(text):
            yield start, end, "scattered"
        words = _words(text)
        grams = [" ".join(words[at : at + _GRAM]) for at in range(0, len(words), _GRAM)]
        if self._grams.keys().isdisjoint(grams):
            return
        places = [match.span() for match in _WORD.finditer(text)]
        done = 0
        for index, gram in enumerate(grams):
            at = index * _GRAM
            if at < done or gram not in self._grams:
                continue
            first, last = self._run(words, at, done)
            if last - first >= self._grams[gram]:
                yield places[first][0], places[last - 1][1], "words"
                done = last

    def _run(self, words: list[str], at: int, floor: int) -> tuple[int, int]:
        """The longest sequence of a prompt's words around a position."""
        first, last = at, at + _GRAM
        run = " ".join(words[first:last])
        while last < len(words) and f" {run} {words[last]} " in self._said:
            run, last = f"{run} {words[last]}", last + 1
        while first > floor and f" {words[first - 1]} {run} " in self._said:
            run, first = f"{words[first - 1]} {run}", first - 1
        return first, last

    def _undecided_from(self, small: str, text: str) -> int:
        """The start of the end of the text that may become part of a prompt or a canary."""
        undecided = [self._words_from(small), self._scattered.undecided_from(small)]
        for letters in possible_ends(text):
            undecided.append(self._mark_from(small, letters))
            recoded = self._recoded.undecided_from(letters)
            undecided += () if recoded is None else (recoded,)
        return min(undecided)

    def _words_from(self, text: str) -> int:
        for reach in (_NEAR, _FAR):
            floor = max(0, len(text) - reach)
            run, begun = "", len(text)
            for match in reversed(list(_WORD.finditer(text, floor))):
                if floor and match.start() == floor:
                    break  # it may be the end of a longer word
                last = not run and match.end() < len(text)
                longer = f" {match[0]} {run}" if run or last else f" {match[0]}"
                if longer not in self._said:
                    return begun
                run, begun = longer[1:], match.start()
        return begun

    def _mark_from(self, text: str, letters: Squeezed) -> int:
        small = letters.letters[-self._longest_mark :].lower() if self._longest_mark else ""
        sizes = (size for size in range(len(small), 0, -1) if small[-size:] in self._mark_begun)
        size = next(sizes, 0)
        return letters.positions[-size] if size else len(text)


def _small(text: str) -> str:
    """Lower case, at the same length."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def _forms(mark: str) -> Iterator[str]:
    """The letters of the canary as they are, and in codes that models know, also in two of them."""
    yield "".join(SPELLING[letter] for letter in mark)
    for written in ("0x{:02x}", "chr{}", "{:03o}"):
        yield "".join(map(written.format, mark.encode()))
    for form in forms(Datum("", mark)):
        yield bare(form.letters).lower()
        if len(form.letters) <= _LONGEST_CODE:
            yield from (bare(twice.letters).lower() for twice in forms(Datum("", form.letters)))
