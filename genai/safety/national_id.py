"""A kind of national identification number: its shape, its check digits and its names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from genai.safety.named_after import name_after, rest_of_sentence
from genai.safety.number_names import (
    is_other_key,
    names_phone_near,
    names_thing,
    without_other_lines,
)
from genai.safety.tables.headers import Cell

CONTEXT = 80
"""Characters before a number that may name its kind."""

_END = r"(?![A-Za-z0-9])(?![.-]\d)"
_END_OF_DIGITS = r"(?!\d)(?![A-Za-z](?![a-z]{2}))(?![a-zA-Z]{0,8}\d)(?![.-]\d)"
"""A word may follow digits without a space."""
SEPARATORS = re.compile(r"[ .\u00a0\n\r/()-]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_DATE = r"(?:(?:19|20)\d\d([.-])\d\d?\1\d\d?|\d\d?([.-])\d\d?\2(?:19|20)\d\d)"
_BEGINS_WITH_DATE = re.compile(rf"{_DATE}(?!\d)")


def grouped(count: int, first: str = r"\d") -> str:
    """So many digits in groups of any size, which may be separated by a line break."""
    return rf"{first}(?:(?:[ .-]{{1,2}}|\r?\n)?\d){{{count - 1}}}"


def unchecked(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class NationalId:
    """A kind of number. With ``context``, one of these words must be near; otherwise the shape suffices.

    ``name_pattern`` finds its names, which decide between kinds of which the same digits can be.
    """

    entity: str
    shape: re.Pattern[str]
    valid: Callable[[str], bool]
    context: tuple[str, ...] = ()
    name_pattern: re.Pattern[str] | None = None

    @property
    def is_checked(self) -> bool:
        """Whether its digits can be verified; otherwise other kinds have precedence."""
        return self.valid is not unchecked

    def may_occur(self, squeezed: str) -> bool:
        """Whether the squeezed text has one of the context words, if there are any."""
        return not self.context or any(_squeezed_name(word) in squeezed for word in self.context)

    def end_of(self, text: str, start: int) -> int:
        """The end of a valid number at this position; 0 if there is none."""
        match = self.shape.match(text, start)
        if match is None or not self.valid(SEPARATORS.sub("", match[0]).upper()):
            return 0
        return match.end()

    def match_named(self, text: str, start: int, cell: Cell | None) -> tuple[int, int]:
        """How far away the words are that name the number at this position, and the end of the number.

        The end is 0 if it is not named, or if a nearer word names a thing. If several kinds match, the one
        whose name is nearest applies. In a table, the header is the nearest.
        """
        end = self.end_of(text, start)
        if not end or self.name_pattern is None:
            return 0, 0
        if not self.is_checked and _DAY.fullmatch(text, start, end):
            return 0, 0
        if _BEGINS_WITH_DATE.match(text, start) or _OTHER_FORM.fullmatch(text, start, end):
            return 0, 0
        floor = max(0, start - CONTEXT)
        if cell:
            if named := [*self.name_pattern.finditer(cell.header)][-1:]:
                return _far(-named[0].end(), named[0]), end
            if names_thing(cell.header):
                return 0, 0
            floor = max(floor, cell.row)
        before = [*self.name_pattern.finditer(text, floor, start)][-1:]
        if before and self._names(text, before[0].end(), start, end):
            return _far(start - before[0].end(), before[0]), end
        words = name_after(text, end, cells=cell is None)
        behind = self.name_pattern.search(words)
        if (
            behind is None
            and self.is_checked
            and not cell
            and not _another_is_nearer(text, floor, start)
        ):
            words = rest_of_sentence(text, end)
            behind = self.name_pattern.search(words)
        if behind is None or names_thing(words[: behind.start()]):
            return 0, 0
        return _far(_FURTHER + behind.start(), behind), end

    def _names(self, text: str, name_end: int, start: int, end: int) -> bool:
        """Whether the name that ends there names the number.

        Few digits that cannot be verified may be any, so no others may be between.
        """
        if _DAY.fullmatch(text, start, end):
            return False
        if not self.is_checked and end - start < _LONG and _DIGITS.fullmatch(text, start, end):
            between = text[name_end:start]
            if any(map(str.isdigit, between)) or len(between) > _NEAREST:
                return False
        return not _another_is_nearer(text, name_end, start)


_OTHER_FORM = re.compile(r"\d{4,}\.\d{1,2}|\d{1,3}(?:\.\d{1,3}){3}")
"""An amount or an IP address."""
_DIGITS = re.compile(r"[^A-Za-z]+")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LONG, _NEAREST = 11, 40
_FURTHER = 3
"""Words behind a number are this much further away than equal words before it."""


BESIDE = 3 * CONTEXT * 2
"""The distance of a name directly before a number, with a sign and spaces between."""


def _far(characters: int, name: re.Match[str]) -> int:
    """A measure of distance; of two names at the same place, the longer one is nearer."""
    return characters * CONTEXT * 2 - len(name[0])


def _another_is_nearer(text: str, name_end: int, start: int) -> bool:
    """Whether a name between a kind's name and the number is that of another number."""
    between = text[name_end:start]
    if without_other_lines(between) != between:
        return True
    return names_thing(between) or names_phone_near(between) or is_other_key(text, name_end, start)


def squeeze(text: str) -> str:
    """In lower case and without separators: taxFileNumber and T.F.N. become taxfilenumber and tfn."""
    return _BETWEEN_WORDS.sub("", text.lower())


@lru_cache(maxsize=512)
def _squeezed_name(words: str) -> str:
    return squeeze(words)


def _spelt(words: str) -> str:
    """A pattern of these words in their spellings in texts, forms and field names.

    "tax file" matches tax file, tax-file, tax_file and employeeTaxFile; "tfn" also T.F.N. Short words, and
    words that end in a dot here, match only whole words.
    """
    whole = len(words) < 5 or words.endswith(".")
    words = words.removesuffix(".")
    parts = words if len(words) < 5 and words.isalpha() else words.split()
    joint = r"\.?" if parts is words else r"[ ._-]{0,2}"
    first, *rest = (re.escape(part) for part in parts)
    following = "".join(joint + part for part in rest)
    begins = rf"(?<![A-Za-z])(?i:{first}{following})"
    if first[:1].isascii():
        begins += rf"|(?<=[a-z]){first[0].upper()}(?i:{first[1:]}{following})"
    ends = r"(?![a-z])(?!(?<=[A-Z])[A-Z])" if whole else ""
    return rf"(?:{begins}){ends}"


_ENDS_IN_DIGIT = re.compile(r"\\d\)?(?:\{[\d,]+\})?(?:\(\?!.*\))?\Z")


def national_id(
    entity: str,
    shape: str,
    valid: Callable[[str], bool] = unchecked,
    *context: str,
    known_as: tuple[str, ...] = (),
) -> NationalId:
    """With ``context``, the number needs one of these names; with ``known_as``, it may have one."""
    names = context or known_as
    name_pattern = re.compile("|".join(map(_spelt, names))) if names else None
    end = _END_OF_DIGITS if _ENDS_IN_DIGIT.search(shape) else _END
    return NationalId(entity, re.compile(f"(?:{shape}){end}"), valid, context, name_pattern)
