"""Finds the words of known texts in their order, with something else between them.

    1: never · 2: name · 3: other …        | never | adverb |        never, then name, then other …

Lists, tables, records and fillers are all alike: only the order of the words counts, forwards or backwards.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

Span = tuple[int, int]

ENOUGH = 10
"""Words that are no coincidence."""

_SHOWN = 2
"""Words that may be shown: streams hold back a sequence from the third one on."""

_NEXT = 30
"""Maximum characters from the start of a word to that of the next one. The words that were shown lie within
`LOOKBEHIND`, so that streams know them.
"""

_WORD = re.compile(r"[^\W\d_]+")
_LAST = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,64}\Z")


class _Row(NamedTuple):
    """A sequence of ``size`` words; ``hidden`` is the start of the first that may not be shown."""

    size: int
    hidden: int
    start: int
    end: int

    def extended(self, word: Span) -> "_Row":
        hidden = word[0] if self.size == _SHOWN else self.hidden
        return _Row(self.size + 1, hidden, *word)

    def reaches(self, start: int) -> bool:
        return start - self.start <= _NEXT


Rows = dict[int, _Row]


class ScatteredWords:
    """Texts to search are in lower case."""

    def __init__(self, texts: Sequence[str]) -> None:
        known = [_WORD.findall(text.lower()) for text in texts]
        orders = [order for words in known for order in (words, words[::-1])]
        self._words = [word for order in orders for word in (*order, "")]
        self._known = frozenset(self._words)
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, pair in enumerate(pairwise(self._words), start=1):
            places[pair].append(place)
        self._places = dict(places)

    def find(self, text: str) -> Iterator[Span]:
        """The spans of sequences, without the words that may be shown."""
        ends: dict[int, int] = {}
        for rows in self._read(text, len(text)):
            ends |= {row.hidden: row.end for row in rows.values() if row.size >= ENOUGH}
        yield from ends.items()

    def undecided_from(self, text: str) -> int:
        """The start of the end of the text that could become part of a sequence."""
        last = _LAST.search(text)
        begun = last.start() if last else len(text)
        rows: Rows = {}
        for grown in self._read(text, begun):
            rows |= grown
        undecided = len(text)
        for place, row in rows.items():
            if not row.reaches(begun):
                continue
            if row.size > _SHOWN:
                undecided = min(undecided, row.hidden)
            elif last and self._words[place + 1].startswith(last[0]):
                undecided = min(undecided, begun)
        return undecided

    def _read(self, text: str, until: int) -> Iterator[Rows]:
        """The sequences that each word before a position continues."""
        rows: Rows = {}
        recent: list[re.Match[str]] = []
        for word in _WORD.finditer(text, 0, until):
            if word[0] not in self._known:
                continue
            recent = [one for one in recent if word.start() - one.start() <= _NEXT]
            pairs = (self._places.get((one[0], word[0]), ()) for one in recent)
            if grown := {at: _row(rows, at, word.span()) for places in pairs for at in places}:
                rows |= grown
                yield grown
            recent.append(word)


def _row(rows: Rows, place: int, word: Span) -> _Row:
    """The sequence up to this place. A longer one that is still open is kept."""
    before, old = rows.get(place - 1), rows.get(place)
    continued = before is not None and before.reaches(word[0])
    row = before.extended(word) if before and continued else _Row(_SHOWN, word[0], *word)
    return old if old and old.size > row.size and old.reaches(word[0]) else row
