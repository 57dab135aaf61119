"""Reads numbers that are spelt in words, in five languages and the spelling alphabet.

four one one one double one …        D E acht neun …        4-one-1-one …
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from genai.safety.encoded_runs import Decoded
from genai.safety.retelling import numerals

_WORD = re.compile(r"[^\W_]+")
_FARTHEST = 4
"""Maximum characters between two words of a number."""

_FEWEST = 2
"""Number words in a spelt number, at least."""

_LEADING = 2
"""Numbers that may be before the first of them."""

_LETTERS = 40
"""Likewise single letters and figures."""

_MOST = 80
"""Words of a number, at most."""

_LINKS = frozenset({"and", "und", "et", "y", "e", "dash", "hyphen", "space", "then"})
_COMMON = _LINKS | {
    "a",
    "i",
    "un",
    "una",
    "une",
    "ein",
    "eine",
    "o",
    "six",
    "golf",
    "hotel",
    "papa",
}
"""Words that are no sign of a spelt number."""
_LAST = re.compile(r"(?<![^\W_])[^\W_]{1,20}\Z")
_BEGINNINGS = frozenset(
    word[:end]
    for words in (numerals.WORDS, numerals.TIMES, numerals.ENDS, _LINKS)
    for word in words
    for end in range(1, len(word) + 1)
)


class _Item(NamedTuple):
    """A word, its digits or letter, and whether it is the word for them."""

    start: int
    end: int
    plain: str
    said: str
    spelt: bool


def spelt_out(text: str) -> Iterator[Decoded]:
    for run in _runs(text):
        if sum(item.spelt for item in run) >= _FEWEST:
            yield _read(run)


def undecided_from(text: str) -> int:
    """The start of a spelt number that could go on after the end of the text."""
    floor = max(0, len(text) - _MOST * 12)
    tail = text[floor:]
    word = next(_LAST.finditer(tail), None)
    begun = len(tail)
    if word and (numerals.plain(word[0]) in _BEGINNINGS or len(word[0]) == 1 or word[0].isdigit()):
        begun = word.start()
    last = deque(_runs(tail[:begun]), maxlen=1)
    if last and begun - last[0][-1].end <= _FARTHEST:
        begun = min(begun, last[0][0].start)
    return floor + begun


def _runs(text: str) -> Iterator[list[_Item]]:
    """Runs of words that spell a number, each with at least one number word."""
    run: list[_Item] = []
    for match in _WORD.finditer(text):
        item = _item(match)
        if run and (item is None or match.start() - run[-1].end > _FARTHEST or len(run) >= _MOST):
            if any(one.spelt for one in run):
                yield run
            run = []
        if item is not None:
            run.append(item)
            run = _trimmed(run)
    if run:
        yield run


def _trimmed(run: list[_Item]) -> list[_Item]:
    """The run without most of what is before its first number word."""
    first = next((at for at, item in enumerate(run) if item.spelt), len(run))
    most = _LETTERS if all(len(item.plain) == 1 for item in run[:first]) else _LEADING
    return run[max(0, first - most) :]


def _item(match: re.Match[str]) -> _Item | None:
    word = match[0]
    plain = numerals.plain(word)
    if (
        plain in numerals.WORDS
        or plain in numerals.TIMES
        or plain in numerals.ENDS
        or plain in _LINKS
    ):
        return _Item(*match.span(), plain, numerals.WORDS.get(plain, ""), plain not in _COMMON)
    if (plain,) in numerals.BEGUN:
        return _Item(*match.span(), plain, "", True)
    if len(word) == 1 or word.isdigit():
        return _Item(*match.span(), plain, word, False)
    return None


def _read(run: Sequence[_Item]) -> Decoded:
    """The digits and letters of a run: of phrases such as *forty-one* those of the whole."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(run):
        size, said = _longest(run, at)
        times = numerals.TIMES.get(run[at].plain)
        if times and at + 1 < len(run):
            after, once = _longest(run, at + 1)
            size, said = after + 1, once * times
        parts.append(said)
        places += [(run[at].start, run[at + size - 1].end)] * len(said)
        at += size
    return Decoded("".join(parts), places.__getitem__)


def _longest(run: Sequence[_Item], at: int) -> tuple[int, str]:
    for size in range(min(numerals.LONGEST, len(run) - at), 1, -1):
        said = numerals.PHRASES.get(tuple(item.plain for item in run[at : at + size]))
        if said:
            return size, said
    return 1, run[at].said
