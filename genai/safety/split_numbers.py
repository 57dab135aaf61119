"""Finds card numbers and IBANs that are split over several cells, fields, items or sentences.

    | 4111 1111 | 1111 1111 |        {"first": "41111111", "second": "11111111"}

Parts are joined in their order. The result must have a valid length and check digits. Unless a part is
grouped as on a card, or a word names a card, no other number may be adjacent, so that columns of ordinary
numbers are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from genai.safety import checksums

Span = tuple[int, int]

LONGEST = 240
"""Maximum length of all parts, including the text between them."""

_SHORTEST_PART = 4
_SHORTEST_TAIL = 3
_MOST_PARTS = 4
_LENGTHS = (15, 16)
_PART = re.compile(
    r"(?<![A-Za-z\d_#+])(?<!\d[ ./:-])(?<![$€£])(?<![$€£] )"
    r"(?:\d{1,4}(?:[ \u00a0-]\d{4}){0,3}(?:[ \u00a0-]\d{1,4})?|\d{4}[ -]\d{6}|\d{6}[ -]\d{5}|\d{5,13})"
    r"(?![A-Za-z\d_%€$£])(?![ \u00a0-]\d)(?![.,]\d{1,3}(?!\d))(?![/:]\d)(?! ?[%€$£])"
)
_DATE = re.compile(r"(?:19|20)\d\d[ -]\d\d[ -]\d\d|\d\d[ -]\d\d[ -](?:19|20)\d\d")
_GROUPED = re.compile(
    r"\d{4}([ \u00a0-])\d{4}(?:\1\d{1,4})?|\d{4}[ \u00a0-]\d{6}|\d{6}[ \u00a0-]\d{5}"
)
_CONTEXT = 60
_LONGEST_GAP, _LONGEST_STRUCTURE = 48, 40
_NEAR = 8
"""A number at this distance is adjacent, whatever is between."""
_NO_GAP = re.compile(r"\d{3}|\d\D{1,12}\d|\x02|\d[.,]\d|[|;,]\s{0,3}\d{1,2}\s{0,3}[|;,]")
"""Text between parts that separates them: other numbers, except short ones of labels and lists."""
_STRUCTURE = re.compile(r"[ \u00a0]{0,2}[^\w\s.(\x02-]|[ \u00a0]{0,2}[\r\n\t]|[ \u00a0]?-[ \u00a0]")
_STRUCTURE_BEGUN = re.compile(r"[ \u00a0]{0,2}-?\Z")
_LIST_GAP = r"(?P<gap>\D{1,40}(?:(?<!\d)\d{1,2}(?=[^\d,])\D{1,40})?)"
"""Also with the number of a list's item."""
_NEIGHBOUR = 86
"""Characters that such a gap and the digits beyond it can take."""
_NUMBER_BEFORE = re.compile(r"\d{3}" + _LIST_GAP + r"\Z")
_NUMBER_AFTER = re.compile(_LIST_GAP + r"\d{3}")
_AFTER_BEGUN = re.compile(r"(?P<gap>\D{0,40}(?:(?<!\d)\d{1,2}[^\d,]\D{0,39})?)\d{0,2}\Z")
_LETTER = re.compile(r"[^\W\d_]")
_COUNTED = re.compile("cards", re.IGNORECASE)
"""Above or before ordinary numbers, more often says what they count than what they are."""
_OTHER = re.compile(
    r"\b(?:accounts?|acct|sort codes?|phones?|mobiles?|tel|fax|customers?|ids?|users?|zip|years?"
    r"|policy|policies|population|ssn|sin|tfn|nhs|bsn|nif|cpf|cpr|pesel|medicare|tax|iban|dob|born|birth\w*|dates?)\b",
    re.IGNORECASE,
)
_RUN = re.compile(r"(?<!\d)\d{1,13}(?:[ \u00a0-]\d{1,8}){0,4}[ \u00a0-]?\Z")


class _Part(NamedTuple):
    start: int
    end: int
    digits: str
    grouped: bool


def find_split_cards(text: str, names: re.Pattern[str]) -> Iterator[Span]:
    """``names`` matches words that name kinds of numbers, in the groups ``card`` and ``other``."""
    parts = list(_parts(text))
    for first, last in _windows(text, parts):
        start, end = parts[first].start, parts[last].end
        before = text[max(0, start - _CONTEXT) : start]
        named, other = [*names.finditer(before)], [*_OTHER.finditer(before)]
        of_card = bool(named) and _names_card(named[-1])
        if of_card and other and other[-1].start() > named[-1].start():
            continue
        known = of_card or any(p.grouped for p in parts[first : last + 1])
        if _names_other(text, parts[first : last + 1], before.lower(), names):
            continue
        if known or (not (named or other) and _is_isolated(text, start, end)):
            yield start, end


def _names_card(word: re.Match[str]) -> bool:
    return word.lastgroup == "card" and not _COUNTED.fullmatch(word[0])


def _names_other(text: str, parts: Sequence[_Part], before: str, names: re.Pattern[str]) -> bool:
    """Whether a word between the parts names another kind of number; "part 1, part 2" does not."""
    gaps = [text[a.end : b.start] for a, b in pairwise(parts)]
    named = [m for gap in gaps for m in names.finditer(gap) if m.lastgroup == "other"]
    named += [m for gap in gaps for m in _OTHER.finditer(gap)]
    return any(name[0].lower() not in before for name in named)


def partial_card(text: str, floor: int, names: re.Pattern[str]) -> Span | None:
    """The longest end of the text, after ``floor``, that is most of a split card number."""
    run = _RUN.search(text.removesuffix("\n\x02"), max(floor, len(text) - 50))
    tail = "".join(filter(str.isdigit, run[0])) if run else ""
    if run is None or len(tail) < _SHORTEST_TAIL:
        return None
    parts = [part for part in _parts(text, floor) if part.end <= run.start()]
    for first, part in enumerate(parts):
        chain = parts[first:]
        digits = "".join(each.digits for each in chain) + tail
        gap = text[chain[-1].end : run.start()]
        known = any(each.grouped for each in chain) or (
            _STRUCTURE.match(gap)
            and not _is_labelled(text, chain, run.start())
            and names.search(text, max(0, part.start - _CONTEXT), part.start)
        )
        joined = _may_be_card_parts(text, chain) and _is_gap(gap, chain[-1])
        if known and joined and 11 <= len(digits) <= 15:
            return part.start, run.end()
    return None


def _is_labelled(text: str, parts: Sequence[_Part], end: int) -> bool:
    """Whether words stand between short numbers: these are the values of a list, until check digits tell."""
    short = not all(_long(part) for part in parts)
    return short and bool(_LETTER.search(text, parts[0].end, end))


def undecided_from(text: str) -> int:
    """The start of the shortest end of the text that could still become part of a split number."""
    floor = max(0, len(text) - LONGEST - _NEIGHBOUR)
    run = _RUN.search(text, max(floor, len(text) - 50))
    settled = run.start() if run else len(text)
    parts = [part for part in _parts(text, floor) if part.end <= settled]
    undecided = len(text)
    for first in range(len(parts) - 1, -1, -1):
        if _may_go_on(text, parts[first:], settled):
            undecided = parts[first].start
    whole = (parts[a].start for a, b in _windows(text, parts) if _may_join_row(text, parts[b].end))
    return min([undecided, *whole])


def _may_join_row(text: str, end: int) -> bool:
    """Whether the next number could turn out to be adjacent to the one before this position."""
    begun = _AFTER_BEGUN.match(text, end)
    if begun is None:
        return False
    gap = begun["gap"]
    return bool(len(gap) <= _NEAR or _STRUCTURE.match(gap) or _STRUCTURE_BEGUN.match(gap))


def _parts(text: str, floor: int = 0) -> Iterator[_Part]:
    for match in _PART.finditer(text, floor):
        digits = "".join(filter(str.isdigit, match[0]))
        if _SHORTEST_PART <= len(digits) < max(_LENGTHS) and not _DATE.fullmatch(match[0]):
            yield _Part(*match.span(), digits, bool(_GROUPED.fullmatch(match[0])))


def _windows(text: str, parts: Sequence[_Part]) -> Iterator[tuple[int, int]]:
    """The indexes of the first and last part of each card number."""
    for first, part in enumerate(parts):
        digits = part.digits
        if not checksums.begins_card(digits):
            continue
        for last in range(first + 1, min(first + _MOST_PARTS, len(parts))):
            before, after = parts[last - 1], parts[last]
            if not _is_gap(text[before.end : after.start], before):
                break
            digits += after.digits
            if len(digits) in _LENGTHS and _is_card(digits):
                yield first, last
            if len(digits) >= max(_LENGTHS):
                break


def _may_go_on(text: str, parts: Sequence[_Part], settled: int) -> bool:
    """Whether further text could complete these last parts of the text to a number."""
    digits = sum(len(part.digits) for part in parts)
    if digits > max(_LENGTHS) or not _may_be_card_parts(text, parts):
        return False
    last, growing = parts[-1], sum(map(str.isdigit, text[settled:]))
    if growing > 2:
        gap = text[last.end : settled]
        return digits + growing <= max(_LENGTHS) and _is_gap(gap, last)
    return _may_be_gap(text[last.end :], last)


def _may_be_card_parts(text: str, parts: Sequence[_Part]) -> bool:
    """Whether these could be the first parts of a card number."""
    if len(parts) > _MOST_PARTS or not checksums.begins_card("".join(p.digits for p in parts)):
        return False
    return all(_is_gap(text[a.end : b.start], a) for a, b in pairwise(parts))


def _is_gap(gap: str, before: _Part) -> bool:
    """Whether this text may be between two parts of a number."""
    if _NO_GAP.search(gap):
        return False
    if len(gap) <= _LONGEST_STRUCTURE and _STRUCTURE.match(gap):
        return True
    return len(gap) <= _LONGEST_GAP and _long(before)


def _may_be_gap(begun: str, before: _Part) -> bool:
    if len(begun) > _LONGEST_GAP or _NO_GAP.search(begun):
        return False
    near = len(begun) <= _NEAR
    return bool(near or _long(before) or _STRUCTURE_BEGUN.match(begun) or _STRUCTURE.match(begun))


def _long(part: _Part) -> bool:
    return part.grouped or len(part.digits) >= 8


def _is_card(digits: str) -> bool:
    american_express = digits[:2] in ("34", "37")
    return american_express == (len(digits) == 15) and checksums.luhn(digits)


def _is_isolated(text: str, start: int, end: int) -> bool:
    """Whether no other number is adjacent, as in a row or column of numbers."""
    for found in (
        _NUMBER_BEFORE.search(text, max(0, start - _NEIGHBOUR), start),
        _NUMBER_AFTER.match(text, end, end + _NEIGHBOUR),
    ):
        if found and (len(found["gap"]) <= _NEAR or _STRUCTURE.match(found["gap"])):
            return False
    return True


_IBAN_BEGUN = re.compile(r"(?<![A-Za-z0-9])(?P<country>[A-Z]{2})\d\d")
_WORD = re.compile(r"\w+")
_LONGEST_IBAN, _MOST_LABELS, _LONGEST_LABEL = 160, 9, 20
_BETWEEN = re.compile(r"[^\w\x02]{0,10}")


def find_split_ibans(text: str) -> Iterator[Span]:
    for begun in _IBAN_BEGUN.finditer(text):
        end, _ = _read_iban(text, begun)
        if end:
            yield begun.start(), end


def iban_undecided_from(text: str) -> int:
    """The start of an IBAN that could continue after the end of the text."""
    for begun in _IBAN_BEGUN.finditer(text, max(0, len(text) - _LONGEST_IBAN)):
        end, open_ended = _read_iban(text, begun)
        if open_ended and not end:
            return begun.start()
    return len(text)


def _read_iban(text: str, begun: re.Match[str]) -> tuple[int, bool]:
    """The end of the IBAN at this match, or 0; and whether the text ends before that is decided.

    Words without digits between its parts are labels, unless they are a bank code.
    """
    length = checksums.IBAN_LENGTHS.get(begun["country"])
    if length is None:
        return 0, False
    read, labels, position = "", 0, begun.start()
    limit = min(len(text), begun.start() + _LONGEST_IBAN)
    while len(read) < length:
        gap = _BETWEEN.match(text, position, limit)
        at = gap.end() if gap else position
        word = _WORD.match(text, at, limit)
        if word is None:
            return 0, at == len(text)
        last = word.end() == len(text)
        if _is_label(word[0], len(read), text[position:at]):
            labels += 1
            if labels > _MOST_LABELS or len(word[0]) > _LONGEST_LABEL:
                return 0, False
        elif not word[0].isascii() or "_" in word[0] or len(read) + len(word[0]) > length:
            return 0, last and len(read) + len(word[0]) <= length
        else:
            read += word[0].upper()
        position = word.end()
        if last and len(read) < length:
            return 0, True
    return (position if checksums.mod97(read) else 0), position == len(text)


def _is_label(word: str, read: int, gap: str) -> bool:
    if "_" in word or word[0].islower():
        return bool(gap.strip())
    return word.isalpha() and not (read in (4, 8) and word.isupper() and len(word) == 4)
