"""Finds known data that a text discloses in pieces, in words for its digits, backwards or encoded.

    known: 4111 1111 …      ["41", "11", "11", …]      four one one one …      NDExMSAxMTEx…

Only known data is searched for, so no form has to look like data. The text may come in parts: only what
could still become known data is held back.
"""

import re
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from genai.safety.escapes import unfinished_from
from genai.safety.identifiers import Identifiers
from genai.safety.retelling.forms import Datum, Form, bare
from genai.safety.retelling.known import GRAM, KnownData
from genai.safety.retelling.words import LONGEST as LONGEST_WORD
from genai.safety.retelling.words import WORD, Word, phrase_from, phrase_of, word_of

RETELLING = "retelling"
"""The name of this check in decisions."""

ENOUGH = 0.75
"""The share of a form, from its beginning, that counts as all of it."""

LONGEST = 1_200
"""Maximum characters from the first piece to the last."""

_NEAR, _FAR = 18, 40
"""Maximum distance of two pieces: after a few letters, and after more."""

_FEW = 4
_MOST_NUMBERS = 2
_LONGEST_NUMBER = 2
"""Other numbers that may be between two pieces, such as those of list items."""

_REMEMBERED = 8
_BEFORE = 64
_STRUCTURE = re.compile(r"[\"\[\]{}<>|:;\n\t\\]")
_IDENTIFIERS = Identifiers()

Span = tuple[int, int]


class _Row(NamedTuple):
    """The beginning of a form found in the text.

    ``numbers`` counts numbers skipped since; ``longer`` means that another row extends it.
    """

    form: Form
    matched: int
    pieces: tuple[Span, ...]
    numbers: int = 0
    longer: bool = False

    @property
    def whole(self) -> bool:
        return self.matched == len(self.form.letters)

    @property
    def ends(self) -> int:
        """The last position where it can continue."""
        if self.numbers > _MOST_NUMBERS:
            return self.pieces[-1][1]
        far = self.pieces[-1][1] + (_NEAR if self.matched < _FEW else _FAR)
        return min(far, self.pieces[0][0] + LONGEST)

    @property
    def enough(self) -> bool:
        return not self.longer and self.matched >= max(2 * GRAM, ENOUGH * len(self.form.letters))


Rows = dict[tuple[Form, int], _Row]


class DisguiseDetector:
    """Processes one text: `feed` its parts, then get the `rest`.

    ``disclosed`` is the data redacted so far.
    """

    def __init__(self, known: KnownData) -> None:
        self.disclosed: list[Datum] = []
        self._known = known
        self._text = ""
        self._released = 0
        self._read = 0
        self._rows: Rows = {}
        self._words: list[Word] = []
        self._rows_before: list[Rows] = []
        self._found: list[_Row] = []
        self._covered = 0

    def feed(self, part: str) -> str:
        """Returns the decided text, with redactions."""
        if not self._known.forms:
            return part
        self._text += part
        begun = unfinished_from(self._text)
        for match in WORD.finditer(self._text, self._read, begun):
            if match.end() == begun and _may_grow(match):
                begun = match.start()
                break
            self._take(match)
        self._rows = self._still(self._rows, begun)
        firsts = [row.pieces[0][0] for row in self._rows.values()]
        number = phrase_from(self._words, begun)
        return self._release(min([begun, *firsts, *([] if number is None else [number])]))

    def rest(self) -> str:
        """Returns the text that was held back."""
        for match in WORD.finditer(self._text, self._read):
            self._take(match)
        self._still(self._rows, len(self._text) + LONGEST)
        return self._release(len(self._text))

    def _take(self, match: re.Match[str]) -> None:
        self._read = match.end()
        word = word_of(match, self._words[-1] if self._words else None)
        self._words = [*self._words[-_REMEMBERED:], word]
        self._rows_before = [*self._rows_before[-_REMEMBERED:], self._rows]
        self._rows = self._after(word, self._rows)
        if number := phrase_of(self._words):
            begin, whole = number
            self._rows |= self._after(whole, self._rows_before[begin])

    def _after(self, word: Word, before: Rows) -> Rows:
        """The rows after a word. If data is complete, also in plain form, all rows end."""
        rows = self._still(before, word.start)
        longer: Rows = {}
        for row in (
            *(one for each in rows.values() for one in _on(each, word)),
            *self._begun(word),
        ):
            if row.whole:
                self._note(row)
                return {}
            longer[row.form, row.matched] = row
        grown = {(row.form, row.pieces[0]) for row in longer.values() if len(row.pieces) > 1}
        return {key: _passed(row, word, grown) for key, row in rows.items()} | longer

    def _begun(self, word: Word) -> Iterator[_Row]:
        for begun in self._known.begun(word):
            yield _Row(begun.form, begun.matched, ((begun.start, begun.end),))

    def _still(self, rows: Rows, start: int) -> Rows:
        """The rows that a word at ``start`` could extend. Records the others if enough of them was found."""
        still = {key: row for key, row in rows.items() if row.ends >= start}
        if len(still) < len(rows):
            over = (row for key, row in rows.items() if key not in still and row.enough)
            for row in sorted(over, key=lambda row: (row.ends, -row.matched, row.form)):
                self._note(row)
        return still

    def _note(self, row: _Row) -> None:
        """Records the data of the row, unless another row includes it or it is in plain form."""
        start, end = row.pieces[0][0], row.pieces[-1][1]
        if start < self._covered:
            return
        self._covered = end
        if not self._plain(row, start, end):
            self._found.append(row)

    def _plain(self, row: _Row, start: int, end: int) -> bool:
        """Whether it is in plain form, which is left to the checks of answers."""
        if bare(self._text[start:end]).lower() != bare(row.form.datum.text).lower():
            return False
        floor = max(0, start - _BEFORE)
        found = _IDENTIFIERS.find(self._text[floor:end])
        return any(floor + first <= start and floor + last >= end for first, last, _ in found)

    def _release(self, until: int) -> str:
        parts: list[str] = []
        at = self._released
        for row in self._found:
            self.disclosed.append(row.form.datum)
            for start, end in _taken_out(self._text, row.pieces):
                parts += (self._text[at:start], f"<{row.form.datum.entity}>")
                at = end
        self._found.clear()
        until = max(at, until)
        parts.append(self._text[at:until])
        self._released = until
        return "".join(parts)


def _may_grow(word: re.Match[str]) -> bool:
    return len(word[0]) < LONGEST_WORD


def _on(row: _Row, word: Word) -> Iterator[_Row]:
    """The row extended by this word."""
    letters = row.form.letters
    rest = len(letters) - row.matched
    for said in (word.exact,) if row.form.exact else (word.small, word.digits):
        if said and letters.startswith(said, row.matched):
            piece = (word.start, word.end)
            yield _Row(row.form, row.matched + len(said), (*row.pieces, piece))
        elif rest >= GRAM and said is not word.digits and said.startswith(letters[row.matched :]):
            piece = (word.start, word.start + rest)
            yield _Row(row.form, len(letters), (*row.pieces, piece))


def _passed(row: _Row, word: Word, grown: Set[tuple[Form, Span]]) -> _Row:
    """The row if this word is only between its pieces."""
    numbers = row.numbers
    if word.exact.isdigit():
        numbers += 1 if len(word.exact) <= _LONGEST_NUMBER else _MOST_NUMBERS + 1
    longer = row.longer or (row.form, row.pieces[0]) in grown
    return row._replace(numbers=numbers, longer=longer)


def _taken_out(text: str, pieces: Sequence[Span]) -> Sequence[Span]:
    """The span from the first piece to the last, unless other text is between them."""
    start, end = pieces[0][0], pieces[-1][1]
    return pieces if _STRUCTURE.search(text, start, end) else ((start, end),)
