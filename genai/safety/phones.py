"""Finds telephone numbers.

Some are known by their shape alone. A shape that amounts, dates and account numbers share counts
only when a word nearby says that it is a telephone number.
"""

import re
from collections.abc import Iterator

_NORTH_AMERICAN = re.compile(
    r"[(2-9](?<!\d[(2-9])(?:(?<=\()[2-9]\d\d\)[ -]?\d{3}[ .-]|(?<=\d)\d\d([ .-])\d{3}\1)\d{4}"
    r"(?!\d)(?![.,-]\d)"
)
_COUNTRY_BEFORE = re.compile(r"(?:(?<!\d)(?<!\d[.,-])\+?1[ .-]?|(?<!\d[.,-]))\Z")
_RUN = re.compile(
    r"[+(\d](?<!\d[+(\d])(?<!\d[ .,(/:-][+(\d])(?<![A-Za-z_#$€£¥@+][+(\d])(?<![$€£¥] [+(\d])"
    r"(?:(?<=[+(])[+(]?\d)?[\d ().\u00a0-]{4,24}\d(?![.,]?\d)(?![ -]\d)(?![%€$£])"
)
_SLASHED = re.compile(r"0(?<![\w.,/-]0)\d{2,4}/ ?\d{4,8}(?![\d/])")
_SHAPE = re.compile(r"\+?\(?\d++\)?(?:(?:[ .\u00a0-]|(?<=\))|(?=\()){1,2}\(?\d++\)?)*")
_OTHER = re.compile(
    r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?\b|\d\d?[-. ]\d\d?[-. ](?:19|20)?\d\d\Z"
    r"|\d{3}([- ])\d\d\1\d{4}\Z"
)
"""Dates, and social security numbers."""
_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension) ?\d{1,6}(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF_PHONES = _words(
    "phone phones telephone telephones tel mobile cell cellular cellphone fax call calls called"
    " calling dial dialled dialed desk landline hotline helpline sms whatsapp reach contact"
    " answering message messages text texted téléphone telephon telefon telefono teléfono telefone"
    " telefoon telefonnummer handy móvil movil celular portable rufnummer mobil gsm ring"
)
_OF_OTHERS = _words(
    "account accounts acct order orders ref reference invoice transaction transfer case ticket"
    " policy id iban card loan balance amount total paid pay price serial tracking zip code pin"
    " version model year date isbn between about than customer batch"
)
"""The nearest word before a doubtful number, of these or those, says what it is."""
_AFTER = re.compile(r"[ -](?:office|fax|mobile|home|cell|work)\b", re.IGNORECASE)

_CONTEXT = 40
_CONTEXT_OF_PLAIN_DIGITS = 20


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    for match in _NORTH_AMERICAN.finditer(text):
        country = _COUNTRY_BEFORE.search(text, max(0, match.start() - 3), match.start())
        if country:
            yield country.start(), _with_extension(text, match.end())
    for match in _SLASHED.finditer(text):
        if _said_to_be(text, *match.span(), plain=False) == "phone":
            yield match.start(), _with_extension(text, match.end())
    for match in _RUN.finditer(text):
        start, end = match.span()
        if text[start] == "(" and match[0].count("(") > match[0].count(")"):
            start += 1
        if _is_phone(text, start, end):
            yield start, _with_extension(text, end)


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _is_phone(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    digits = re.sub(r"\D", "", run)
    if not 7 <= len(digits) <= 15 or not _SHAPE.fullmatch(run) or _OTHER.match(run):
        return False
    groups = len(re.findall(r"\d+", run))
    if "+" in run[:2] and digits[0] != "0" and len(digits) >= 9:
        return True
    said_to_be = _said_to_be(text, start, end, plain=groups == 1)
    if digits[0] == "0" and digits[:3] != "000" and groups >= 3 and 9 <= len(digits) <= 14:
        return said_to_be != "other"
    return said_to_be == "phone"


def _said_to_be(text: str, start: int, end: int, *, plain: bool) -> str:
    """``phone`` or ``other``, as the word after tells, or the nearest word before that tells."""
    if (not plain or end - start >= 9) and _AFTER.match(text, end):
        return "phone"
    reach = _CONTEXT_OF_PLAIN_DIGITS if plain else _CONTEXT
    for word in reversed(_WORD.findall(text[max(0, start - reach) : start].lower())):
        if word in _OF_PHONES:
            return "phone"
        if word in _OF_OTHERS:
            return "other"
    return ""
