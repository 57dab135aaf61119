"""Finds numbers and addresses that identify people and their money, without further packages.

Each finder matches shapes of bounded length, whose edges are decided within two characters, and verifies
check digits if the kind has any. So the cost is linear in the text, and findings do not change if the text
before is cut off, or more text follows.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from genai.safety import checksums, split_numbers
from genai.safety.encoded_words import decoded_words
from genai.safety.ip_addresses import find_ips
from genai.safety.named_after import name_after, name_undecided_from
from genai.safety.national_ids import NATIONAL_IDS, NEAR, NationalIdFinder
from genai.safety.number_names import (
    CARDS,
    OTHER_NUMBERS,
    WORD_BEGINS,
    WORD_ENDS,
    has_its_number,
    names_card,
    names_thing,
)
from genai.safety.phones import find_phones
from genai.safety.tables.headers import cell_at

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

LONGEST_NUMBER = 72
"""Maximum length of a number, including separators and the characters needed after it."""

LONGEST_WORD = 330
"""Maximum length of an e-mail address or another word."""

_LETTERS = "A-Za-z0-9\u00c0-\u024f\u0400-\u04ff"
_EMAIL = re.compile(
    rf"(?<![{_LETTERS}._%+-])(?<![{_LETTERS}._%+'-]')[{_LETTERS}_%+-][{_LETTERS}._%+'-]{{0,63}}@"
    rf"(?:[{_LETTERS}](?:[{_LETTERS}-]{{0,38}}[{_LETTERS}])?\.){{1,5}}"
    r"(?:xn--[A-Za-z0-9-]{2,20}|[A-Za-z\u00c0-\u024f]{2,18}|[\u0400-\u04ff]{2,18})(?![A-Za-z0-9])(?!:[\w.~-]{1,60}/)"
)
_PICTURE = re.compile(r"@\d(?:\.\d)?x\.(?:png|jpe?g|gif|webp|svg|avif)\Z", re.IGNORECASE)
_AT = r" ?[(\[{] ?at ?[)\]}] ?"
_AT_SPELT = re.compile(r"[(\[{] ?at ?[)\]}]", re.IGNORECASE)
_DOT = r"(?:\.| ?[(\[{] ?dot ?[)\]}] ?)"
_EMAIL_SPELT = re.compile(
    rf"(?<![{_LETTERS}._%+'-])(?:[{_LETTERS}_%+'-][{_LETTERS}._%+'-]{{0,63}}(?:{_AT})"
    rf"|(?=[{_LETTERS}]*[._\d])[{_LETTERS}_][{_LETTERS}._%+-]{{0,62}}[{_LETTERS}] ?@ ?)"
    rf"(?:[{_LETTERS}-]{{1,24}}{_DOT}){{1,3}}[A-Za-z]{{2,18}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""Addresses with spaces around the sign, or with words for the signs."""
_CARD = re.compile(
    r"\d(?<!\d\d)(?<!\d[.-]\d)(?=("
    r"\d{11,18}"
    r"|\d{3}([ \u00a0-])\d{4}\2\d{4}\2\d{4}(?:\2\d{1,3})?"
    r"|\d{3}([ \u00a0-])\d{6}\3\d{4,5}"
    r")(?!\d)(?![.-]\d))"
)
_CARD_OF_16 = re.compile(
    r"\d(?<!\d\d)(?<!\d[.-]\d)(?=(\d{3}([ \u00a0-])\d{4}\2\d{4}\2\d{4})(?![A-Za-z0-9_])(?!\.\d))"
)
_GROUP_BEFORE = re.compile(r"(?<!\d)\d{4}[ -]\Z")
_GROUP_AFTER = re.compile(r"[ -]\d{2,4}(?![\d/])")
_CARD_SPACED = re.compile(r"\d(?<!\d\d)(?<!\d[ .,-]\d)(?=((?:[ .-]\d){12,18})(?![ .,-]?\d))")
_CARD_JOINED = re.compile(
    r"\d(?<!\d\d)(?<!\d[.-]\d)(?=(\d{3}"
    r"(?:(?P<sign> ?[./_:|*,;+#-] ?|[\t\n]|\r\n)\d{4}(?P=sign)\d{4}(?P=sign)\d{4}"
    r"|(?P<signed> ?[./_:|*,;+#-] ?|[\t\n]|\r\n)\d{6}(?P=signed)\d{4,5}"
    r"|(?P<wrapped>(?:[ -]?\d{4}){0,2} ?-?\r?\n ?\d{4}(?:[ -]?\d{4}){0,2})"
    r")(?!\d)(?![./_-]\d)))"
)
"""Groups of digits joined by another sign, or split over two lines."""
_CARD_LOOSE = re.compile(
    r"\d(?<!\d\d)(?<!\d[ .-]\d)(?=(\d{2,5}(?P<gap>[ .-]|  | - )(?:\d{2,6}(?P=gap)){1,5}\d{1,6})"
    r"(?!\d)(?![.-]\d)(?! {1,2}\d))"
)
"""Groups of any size; counts only if a word names a card, or the groups are those of a card."""
_GROUPS_OF_CARD = re.compile(r"\d{4}(\D+)(?:\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{6}\1\d{4,5})")
_CARD_LISTED = re.compile(
    r"(?<!\d)(?:\d(?P<sign> ?[./_:|*,;+#-] ?|[\t\n]|\r\n)(?:\d(?P=sign)){13,14}\d(?!(?P=sign)?\d)"
    r"|\d\d(?P<gap>[ -])(?:\d\d(?P=gap)){6}\d\d(?!(?P=gap)?\d))"
)
"""Single digits or pairs, with the same separator between all of them."""
_REVERSED = re.compile(
    r"\b(?:revers\w*|backwards?|rückwärts|umgekehrt|à l'envers|al revés|invers\w*)\b", re.IGNORECASE
)
_RARE_LENGTHS = (17, 18)
"""Cards of this length count only if a word names them."""
_MILLISECONDS = re.compile(r"1[4-9]\d{11}")
"""Timestamps since 1970."""
_CODE_BEFORE = re.compile(r"(?:\d[A-Za-z]{1,8}|[A-Z]{4})\Z")
"""Prefixes of codes and account numbers; ignored if a word names a card."""
_OF_LISTS = re.compile(r"[,;|\t]|\n.*\n", re.DOTALL)
"""Separators that also occur between numbers of a list or table."""
_CARD_CONTEXT = re.compile(
    rf"{WORD_BEGINS}(?:(?P<card>{CARDS})"
    rf"|(?P<other>{OTHER_NUMBERS}|(?<!card)(?<!card[ _-])ids?)){WORD_ENDS}",
    re.IGNORECASE,
)
_IBAN_START = re.compile(
    r"\d(?:(?<=([A-Za-z]{2})\d)(?<![A-Za-z0-9][A-Za-z]{2}\d)|(?<=([A-Z]{2}) \d)(?<![A-Za-z0-9][A-Z]{2} \d))"
)
_IBAN_GAP = r"(?:  |[ \u00a0./_:\n-])?"
_IBAN_BODY = {
    length: re.compile(
        rf"(?:[A-Za-z0-9]{_IBAN_GAP}){{{length - 1}}}[A-Za-z0-9](?![A-Z]|[a-z]{{0,2}}\d)"
    )
    for length in sorted(set(checksums.IBAN_LENGTHS.values()))
}
_SSN = re.compile(r"\d(?<!\d\d)(?<!\d[.-]\d)\d\d([- ])\d{2}\1\d{4}(?!\d)(?!-\d)")
_CRYPTO = re.compile(
    r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,33}"
    r"|bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}"
    r"|0x[0-9A-Fa-f]{40})(?![A-Za-z0-9])"
)


def find_emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if not _PICTURE.search(match[0]):
                yield match.span()
    if " @" in text or "@ " in text or _AT_SPELT.search(text):
        for match in _EMAIL_SPELT.finditer(text):
            yield match.span()


def find_cards(text: str) -> Iterator[Span]:
    yield from _usual_cards(text)
    for match in _CARD_JOINED.finditer(text):
        number = match[0] + match[1]
        digits = re.sub(r"\D", "", number)
        if len(digits) < 14 or not checksums.luhn(digits) or not checksums.card_network(digits):
            continue
        if not _OF_LISTS.search(number) or _named_kind(text, match.start()) == "card":
            yield match.start(), match.end(1)
    for match in _CARD_LOOSE.finditer(text):
        number = match[0] + match[1]
        digits = re.sub(r"\D", "", number)
        grouped = (
            _GROUPS_OF_CARD.fullmatch(number)
            or _named_kind(text, match.start()) == "card"
            or names_card(name_after(text, match.end(1)))
        )
        if grouped and checksums.luhn(digits) and checksums.card_network(digits):
            yield match.start(), match.end(1)
    for match in _CARD_LISTED.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        sign = match["sign"] or match["gap"]
        before = text[max(0, match.start() - 4) : match.start()]
        listed = before.endswith(sign) and before.removesuffix(sign)[-1:].isdigit()
        if not listed and checksums.luhn(digits) and checksums.card_network(digits):
            yield match.span()
    yield from split_numbers.find_split_cards(text, _CARD_CONTEXT)


def _usual_cards(text: str) -> Iterator[Span]:
    for pattern in (_CARD, _CARD_OF_16, _CARD_SPACED):
        for match in pattern.finditer(text):
            number = match[0] + match[1]
            digits = re.sub(r"\D", "", number)
            start, end = match.start(), match.end(1)
            if _REVERSED.search(text, max(0, start - 40), start):
                digits = digits[::-1]
            if (
                checksums.luhn(digits)
                and _may_be_card(text, start, number, digits)
                and not (" " in number and _is_inside(text, start, end))
            ):
                yield start, end


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether more groups of four are adjacent, as in long parcel numbers.

    If a word names a card, adjacent groups are ignored: they may be a year or a code.
    """
    kind = _named_kind(text, start)
    if kind == "card":
        return False
    if kind == "other" and _GROUP_AFTER.match(text, end):
        return True
    before = _GROUP_BEFORE.search(text, max(0, start - 6), start)
    return bool(before and (end - start > 19 or _GROUP_AFTER.match(text, end)))


def _may_be_card(text: str, start: int, number: str, digits: str) -> bool:
    """Whether the context allows a card number. For digits without separators, the last name decides."""
    kind = _named_kind(text, start)
    if kind != "card" and _CODE_BEFORE.search(text, max(0, start - 10), start):
        return False
    if kind == "other" and number == digits:
        return names_card(name_after(text, start + len(number)))
    network = checksums.card_network(digits) and len(digits) not in _RARE_LENGTHS
    return network or (kind == "card" and not _MILLISECONDS.fullmatch(digits))


def _named_kind(text: str, start: int) -> str:
    """``card`` or ``other``, by the header of the cell or the last name before; empty if none."""
    cell, floor = cell_at(text, start), max(0, start - 45)
    if cell:
        if kind := _kind_in(cell.header):
            return kind
        floor = max(floor, cell.row)
    return _kind_in(text[floor:start])


def _kind_in(words: str) -> str:
    last = [*_CARD_CONTEXT.finditer(words)][-1:]
    if not last:
        return ""
    if last[0]["card"]:
        return "card"
    return "" if has_its_number(words[last[0].end() :]) else "other"


def find_ibans(text: str) -> Iterator[Span]:
    for start in _IBAN_START.finditer(text):
        country = start.lastindex or 0
        length = checksums.IBAN_LENGTHS.get(start[country].upper())
        body = _IBAN_BODY[length].match(text, start.start(country)) if length else None
        if body and checksums.mod97(re.sub(r"[\W_]", "", body[0]).upper()):
            yield body.span()
    yield from split_numbers.find_split_ibans(text)


def find_ssns(text: str) -> Iterator[Span]:
    """Numbers in the usual groups; `national_ids` finds others by their names."""
    for match in _SSN.finditer(text):
        cell = cell_at(text, match.start())
        before = text[max(0, match.start() - NEAR, cell.row if cell else 0) : match.start()]
        of_thing = names_thing(before) or (cell and names_thing(cell.header))
        if not of_thing and checksums.ssn(re.sub(r"\D", "", match[0])):
            yield match.span()


def find_wallets(text: str) -> Iterator[Span]:
    for match in _CRYPTO.finditer(text):
        address = match[0]
        if address[0] in "13":
            valid = checksums.base58check(address)
        else:
            valid = address[:2] == "0x" or checksums.bech32(address)
        if valid:
            yield match.span()


FINDERS: dict[str, Finder] = {
    "CREDIT_CARD": find_cards,
    "IBAN_CODE": find_ibans,
    "EMAIL_ADDRESS": find_emails,
    "US_SSN": find_ssns,
    "IP_ADDRESS": find_ips,
    "CRYPTO": find_wallets,
    "PHONE_NUMBER": find_phones,
}

ENTITIES = tuple(dict.fromkeys((*FINDERS, *(number.entity for number in NATIONAL_IDS))))
"""Every kind of personal data of a fixed form."""

_MAY_IDENTIFY = re.compile(r"[0-9@:]|[A-Za-z+]{16}|[(\[{] ?at ?[)\]}]", re.IGNORECASE)


_APART = "\n\x02\n"
"""Between decoded words; no pattern matches across it."""


class Identifiers:
    """Finds personal data of a fixed form. Findings may overlap; earlier ones take precedence.

    Raises `KeyError` for an entity that is not among `ENTITIES`.
    """

    def __init__(self, entities: Sequence[str] = ENTITIES) -> None:
        known = [number for number in NATIONAL_IDS if number.entity in entities]
        self._national = NationalIdFinder(known)
        rest = set(entities) & set(FINDERS) | set(entities) - set(ENTITIES)
        self._finders = [(entity, FINDERS[entity]) for entity in sorted(rest, key=ENTITIES.index)]

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        if not _MAY_IDENTIFY.search(text):
            return
        yield from self._find_plain(text)
        yield from self._find_encoded(text)

    def _find_encoded(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Words that encode personal data; all are searched at once."""
        words = list(decoded_words(text))
        if not words:
            return
        ends = list(accumulate(len(decoded) + len(_APART) for *_, decoded in words))
        joined = _APART.join(decoded for *_, decoded in words)
        for start, _, entity in self._find_plain(joined):
            word_start, word_end, _ = words[bisect_right(ends, start)]
            yield word_start, word_end, entity

    def _find_plain(self, text: str) -> Iterator[tuple[int, int, str]]:
        yield from self._national.find(text)
        for entity, finder in self._finders:
            for start, end in finder(text):
                yield start, end, entity


_DIGIT = re.compile(r"\d")
_WORD_CHARACTERS = "".join(
    filter(re.compile(rf"[{_LETTERS}._%+'@:-]").match, map(chr, range(0x500)))
)
_LAST_NUMBERS = re.compile(
    r"(?<!\d)[+(]{0,2}\d[\d ().,+/_:;|*#\t\r\n\u00a0-]*(?:[ -]?[A-Za-z]{0,9}[.:]? ?\d{0,6})?\Z"
)
_LETTERS_FIRST = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2} (?:(?:\d\d ){0,3}\d{0,2}[A-D]?|\d{3,6}(?: [A-D]?)?)"
    r"|[XYZ][ -]\d{0,7}(?:[ -][A-Z]?)?|[A-Z]{1,2}\d{6}\(?[0-9A]?|[A-Z]{5} \d{0,4}(?: [A-Z]?)?"
    r"|[A-Z]{3} (?:[A-Z]{0,3}|[A-Z]{3} [0-9A-Z]{0,5}(?: [0-9A-Z]{0,5})?))\Z"
    r"|(?<!\d)[12](?:[ .]?\d){5}[ABab](?:[ .]?\d){0,8}[ .-]?\Z"
)
"""The beginning of a number that has letters after spaces: British, Spanish, Indian, Italian, Corsican;
or brackets in the end: of Hong Kong."""
_REST_OF_IBAN = re.compile(rf"(?:[A-Za-z0-9]{_IBAN_GAP})+\Z")


def undecided_from(text: str) -> int:
    """The start of the shortest end of the text that could still become part of an identifier."""
    undecided = _last_word_from(text)
    numbers = max(0, len(text) - LONGEST_NUMBER)
    if letters := _LETTERS_FIRST.search(text, max(0, len(text) - 32)):
        undecided = min(undecided, letters.start())
    if _DIGIT.search(text, numbers):
        undecided = min(
            undecided,
            _numbers_from(text, numbers),
            _iban_from(text, numbers),
            split_numbers.undecided_from(text),
        )
    undecided = min(undecided, split_numbers.iban_undecided_from(text))
    named = name_undecided_from(text)
    return undecided if named == len(text) else min(undecided, undecided_from(text[:named]))


_AT_BEGUN = re.compile(
    rf" ?(?:@|[(\[{{] ?at ?[)\]}}]) ?[{_LETTERS}.()\[\]{{}} -]{{0,150}}\Z"
    r"| ?[(\[{] ?(?:a(?:t ?)?)?\Z| \Z",
    re.IGNORECASE,
)
"""The beginning of the rest of an address whose signs are spelt out."""


def _last_word_from(text: str) -> int:
    tail = text[-LONGEST_WORD:]
    if begun := _AT_BEGUN.search(tail):
        word = tail[: begun.start()].rstrip(_WORD_CHARACTERS)
        return len(text) - len(tail) + len(word)
    last = len(tail.rstrip(_WORD_CHARACTERS))
    if tail[-1:] in "+(":
        last = min(last, len(tail[:-2]) + len(tail[-2:].rstrip("+(")))
    return len(text) - len(tail) + last


def _numbers_from(text: str, start: int) -> int:
    match = _LAST_NUMBERS.search(text, start)
    return match.start() if match else len(text)


def _iban_from(text: str, start: int) -> int:
    for match in _IBAN_START.finditer(text, start):
        country = match.lastindex or 0
        known = match[country].upper() in checksums.IBAN_LENGTHS
        if known and _REST_OF_IBAN.match(text, match.start(country)):
            return match.start(country)
    return len(text)
