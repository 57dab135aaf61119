"""Finds telephone numbers.

Distinctive shapes suffice. A shape that amounts, dates and account numbers share counts only if a word
nearby names a telephone number.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from genai.safety.named_after import name_after
from genai.safety.national_ids import names_national_id
from genai.safety.number_names import (
    OTHER_NUMBERS,
    names_phone,
    names_phone_beside,
    names_thing,
    names_thing_beside,
    without_other_lines,
)
from genai.safety.tables.headers import cell_at

_NORTH_AMERICAN = re.compile(
    r"[(2-9](?<!\d[(2-9])(?:(?<=\()[2-9]\d\d\)[ -]?\d{3}[ .-]|(?<=\d)\d\d([ .-])\d{3}\1)\d{4}"
    r"(?!\d)(?![.-]\d)"
)
_COUNTRY_BEFORE = re.compile(
    r"(?:(?<!\d)(?<!\d[.-])(?:\+1[ .-]?|(?<!\d )1[ .-]?)|(?<!\d[.-])(?<!\d 1 ))\Z"
)
_RUN = re.compile(
    r"[+(\d](?<!\d[+(\d])(?<!\d[ .(/:-][(\d])(?<!\d[.(/:-]\+)(?<![A-Za-z$€£¥@+][+(\d])(?<!\w_[(\d])"
    r"(?<![$€£¥] [+(\d])(?<![0-9a-f]{4}-\d)"
    r"(?:(?<=[+(])[+(]?\d)?(?:[\d().\u00a0-]| (?! )){4,24}\d(?!\.?\d)"
    r"(?![ -]\d(?!\d?:\d\d))(?!:\d\d(?!\d))(?![%€$£])(?![a-f]{1,8}\d)(?!-[Xx]\b)"
)
_INTERNATIONAL = re.compile(
    r"\+(?<![\dA-Za-z+/]\+)[1-9]\d{0,2}[ ./-]{0,2}(?:\(0\) ?)?\d[\d ./-]{4,18}\d(?![./]?\d)"
    r"(?![ -]\d(?!\d?:\d\d))(?!:\d\d(?!\d))"
)
"""Slashes between groups are allowed only after a plus sign, because dates have them. A time of day may
follow."""
_SLASHED = re.compile(
    r"\d(?<![\w./+-]\d)(?!\d{1,2}/ ?\d{1,2}[ -](?:19|20)\d\d(?!\d))"
    r"\d{1,4}(?:-\d{1,3})?/ ?\d{2,8}(?:[ -]\d{2,4}){0,3}(?![\d/])(?![.:]\d)(?!,\d{1,2}(?!\d))"
)
"""Counts only if a word names a telephone number."""
_BRACKETED = re.compile(r"(?:8 ?)?\(0?[1-9]\d{1,3}\)[ -]?\d{2,5}(?:[ -]\d{2,4}){1,2}")
"""The code of an area in brackets, as in Brazil and Russia."""
_TRUNK = re.compile(r"0[1-9]\d{1,3}[ /-]\d{6,8}")
"""A leading zero, as in Germany and Britain."""
_AREA_BEFORE = re.compile(r"\(0\d{0,4}\) ?\Z")
_SHAPE = re.compile(
    r"(?:\(\+?\d++(?:[ -]\d++)?\)|\+?\(?\d++\)?)(?:(?:[ .\u00a0-]|(?<=\))|(?=\()){1,3}\(?\d++\)?)*"
)
_PRODUCT_BEFORE = re.compile(r"[A-Za-z]/\Z")
"""As before the version in Safari/6533.18.5."""
_OTHER = re.compile(
    r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?\b|\d\d?[-. ]\d\d?[-. ](?:19|20)?\d\d\Z"
    r"|\d{3}([- ])\d\d\1\d{4}\Z|1[4-9]\d{11}\Z|[1-9]\d(?: \d\d){5,}\Z"
)
"""Dates, social security numbers, milliseconds, and results in a row."""
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?P<time>,? \d\d?:\d\d)?")
_IDIOM = re.compile(r"\bin (?:case(?= [a-z])|order(?= to\b))")
_RANGE = re.compile(r"\d+[05]0(?: ?- ?)\d+[05]0")
"""Of round numbers."""
_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension) ?\d{1,6}(?!\d)", re.IGNORECASE)
_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_WORD = re.compile(rf"[{_LATIN}]+|[^\W\d_{_LATIN}]+")
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


_OF_OTHERS = re.compile(
    rf"{OTHER_NUMBERS}|accounts?|acct|transactions?|transfers?|policy|id|iban|card|loan|balance|amount|total"
    "|paid|pay|price|zip|code|pin|versions?|ver|build|firmware|model|year|date|between|about|than|customer|option|strike"
    "|kontonummer|konto|betrag|montant|importe|saldo"
)
"""Names of other numbers. The nearest name before an ambiguous number decides."""
_ITEM = re.compile(r"\d{1,2}[.)] (?=[+(\d])")
_WHOLE_BEFORE_SIGN = re.compile(
    r"[+(]{0,2}\d(?:[().\u00a0 -]{0,2}\d){6,14}(?= [-/] |\. | \d{1,4}\.\d\d\Z)"
)
"""A complete number before a sign that joins it to another one."""
_SUM_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:total|amount|sum|score|betrag|summe|montant|importe|importo|saldo|balance)[ :=]{0,3}\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[ -](?:office|fax|mobile|home|cell|work)\b", re.IGNORECASE)

_OWN_NUMBER = re.compile(
    r"\b(?:my|our|his|her|their|mon|ma|notre|meine|unsere|mi|mio|nostro|mijn|minha|meu) (?:new )?"
    r"(?:number|nummer|numéro|número|numero)\b\W{0,3}(?:\w{2,3}\W{1,2}){0,2}\Z|제 번호[는은가]? ?\Z",
    re.IGNORECASE,
)
""""My number", without another name, is a telephone number."""
_SIGN_BEFORE = re.compile(r"[=-] ?\Z")
"""After such a sign, words after the number belong to what follows."""
_NEGATIVE = re.compile(r"(?:^|[\s(\[=:,;\"'])[-\u2212]\Z")
_EXPONENT = re.compile(r"[eE][+-]?\d")
_DECIMALS = re.compile(r",\d\d?(?!\d)")

_CONTEXT = 60
_CONTEXT_OF_SOME = 40
_CONTEXT_OF_FEW_DIGITS = 20


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    for match in _NORTH_AMERICAN.finditer(text):
        country = _COUNTRY_BEFORE.search(text, max(0, match.start() - 3), match.start())
        if country and not _counts_things(text, country.start()):
            yield country.start(), _with_extension(text, match.end())
    for match in _SLASHED.finditer(text):
        digits = sum(map(str.isdigit, match[0]))
        if 8 <= digits <= 13 and _named_kind(text, *match.span(), plain=False) == "phone":
            area = _AREA_BEFORE.search(text, max(0, match.start() - 8), match.start())
            start = area.start() if area else match.start()
            yield start, _with_extension(text, match.end())
    for match in _INTERNATIONAL.finditer(text):
        start, end = _without_neighbours(text, *match.span())
        if "/" in text[start:end] and 9 <= sum(map(str.isdigit, text[start:end])) <= 15:
            yield start, end
    for match in _RUN.finditer(text):
        start, end = _without_neighbours(text, *match.span())
        if text[start] == "(" and match[0].count("(") > match[0].count(")"):
            start += 1
        if _is_phone(text, start, end):
            yield start, _with_extension(text, end)


def _without_neighbours(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without a list number before it, or a number that a sign or sentence end separates."""
    if item := _ITEM.match(text, start, end):
        start = item.end()
    if whole := _WHOLE_BEFORE_SIGN.match(text, start, end):
        end = whole.end()
    return start, end


def _counts_things(text: str, start: int) -> bool:
    """Whether the header, or the word directly before, names another kind of number."""
    cell = cell_at(text, start)
    if cell and _kind_of_header(cell.header) == "other":
        return True
    before = text[max(0, start - _CONTEXT_OF_FEW_DIGITS) : start]
    return names_thing_beside(before) or bool(_SUM_BEFORE.search(before))


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _is_phone(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    digits = re.sub(r"\D", "", run)
    if not 7 <= len(digits) <= 15 or not _SHAPE.fullmatch(run) or _OTHER.match(run):
        return False
    if (" - " in run and run[0] not in "+(0") or _RANGE.fullmatch(run):
        return False
    if "." in run and _PRODUCT_BEFORE.search(text, max(0, start - 2), start):
        return False
    groups = re.findall(r"\d+", run)
    if "+" in run[:2] and digits[0] != "0" and len(digits) >= 9:
        return True
    day = _DAY.match(text, start)
    beside = names_phone_beside(text[max(0, start - _CONTEXT_OF_FEW_DIGITS) : start])
    if day and (day["time"] or (len(run) == 8 and not beside)):
        return False
    cell = cell_at(text, start)
    if cell and _kind_of_header(cell.header) == "phone":
        return True
    if _is_quantity(text, start, end, groups):
        return False
    kind = _named_kind(text, start, end, plain=len(groups) == 1)
    shaped = _BRACKETED.fullmatch(run) or _TRUNK.fullmatch(run)
    national = shaped or _is_national(groups, dotted="." in run)
    if digits[:3] != "000" and 9 <= len(digits) <= 14 and national:
        return kind != "other"
    return kind == "phone"


def _is_quantity(text: str, start: int, end: int, groups: Sequence[str]) -> bool:
    """Whether a sign, decimals or an exponent show that it is a quantity."""
    run = text[start:end]
    if len(groups) == 1 or (len(groups) == 2 and "." in run):
        whole, decimals = groups[0], "".join(groups[1:])
        if decimals and (len(whole) == 1 or len(decimals) <= 2):
            return True
        if "." in run and whole[0] != "0" and len(whole) <= 3 and len(decimals) >= 5:
            return True
        if whole[0] != "0" and _NEGATIVE.search(text, max(0, start - 2), start):
            return True
    grouped = not re.search(r"[^\d .\u00a0]", run) and len(groups[-1]) in (3, len(run))
    return bool(_EXPONENT.match(text, end) or (grouped and _DECIMALS.match(text, end)))


def _is_national(groups: Sequence[str], *, dotted: bool) -> bool:
    """Whether the groups are those of a national number with a leading zero. Pairs must be five."""
    first, *others = map(len, groups)
    if len(others) >= 1 + dotted and groups[0][:2] == "00" and groups[0][2:3] > "0":
        return True
    pairs = first == 2 and set(others) == {2}
    return (
        groups[0][0] == "0"
        and len(others) >= 2
        and min(others) >= 2
        and (not pairs or len(others) == 4)
    )


def _named_kind(text: str, start: int, end: int, *, plain: bool) -> str:
    """``phone`` or ``other``, by the word after, or the nearest name before; empty if none."""
    if (not plain or end - start >= 9) and _AFTER.match(text, end):
        return "phone"
    few = plain and end - start < 9
    reach = _CONTEXT_OF_FEW_DIGITS if few else _CONTEXT_OF_SOME if end - start < 9 else _CONTEXT
    before = text[max(0, start - reach) : start]
    cell = cell_at(text, start)
    if cell and (kind := _kind_of_header(cell.header)):
        return kind
    before = before[-(start - cell.row) :] if cell and cell.row < start else before
    before = without_other_lines(before)
    behind = "" if _SIGN_BEFORE.search(before) else name_after(text, end, cells=False)
    earlier = (
        []
        if _OWN_NUMBER.search(before)
        else reversed(_WORD.findall(_IDIOM.sub("", before.lower())))
    )
    return _kind_of((*_WORD.findall(behind.lower()), *earlier)) or (
        "phone" if _OWN_NUMBER.search(before) else ""
    )


def _kind_of(words: Iterable[str]) -> str:
    """By the first word that names a kind."""
    for word in words:
        if names_phone(word):
            return "phone"
        if _OF_OTHERS.fullmatch(word):
            return "other"
    return ""


@lru_cache(maxsize=512)
def _kind_of_header(header: str) -> str:
    spaced = _INNER_CAPITAL.sub(" ", header).lower()
    if kind := _kind_of(reversed(_WORD.findall(spaced))):
        return kind
    return "other" if names_thing(header) or names_national_id(header) else ""
