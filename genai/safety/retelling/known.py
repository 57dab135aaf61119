"""An index of the forms of known data."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from genai.safety.retelling.forms import Datum, Form, forms
from genai.safety.retelling.words import Word

GRAM = 4
"""Minimum letters of a form that begins within a word."""


class PartialMatch(NamedTuple):
    """A form of which this many letters are at this position."""

    form: Form
    matched: int
    start: int
    end: int


class KnownData:
    """All forms of some data."""

    def __init__(self, data: Iterable[Datum]) -> None:
        self.forms = tuple(form for datum in data for form in forms(datum))
        begins: dict[str, list[Form]] = defaultdict(list)
        for form in self.forms:
            for end in range(1, GRAM + 1):
                begins[form.letters[:end]].append(form)
        self._begins = dict(begins)

    def begun(self, word: Word) -> Iterator[PartialMatch]:
        """The forms that begin at or within this word."""
        if word.digits:
            for form in self._begins.get(word.digits[:GRAM], ()):
                if form.letters.startswith(word.digits) and not form.exact:
                    yield PartialMatch(form, len(word.digits), word.start, word.end)
        for exact in (True, False):
            said = word.exact if exact else word.small
            for at in range(max(1, len(said) - GRAM + 1)):
                for form in self._begins.get(said[at : at + GRAM], ()):
                    if form.exact is exact and (found := _stands(form, said, at)):
                        yield PartialMatch(form, found, word.start + at, word.start + at + found)


def _stands(form: Form, said: str, at: int) -> int:
    """How much of the form the rest of the word has, or all of it if it ends within the word."""
    if said.startswith(form.letters, at):
        return len(form.letters)
    return len(said) - at if form.letters.startswith(said[at:]) else 0
