"""Finds telephone numbers.

Some are known by their shape alone. A shape that amounts, dates and account numbers share counts
only when a word nearby says that it is a telephone number.
"""

import re
from collections.abc import Iterator

_NORTH_AMERICAN = re.compile(
    r"(?<![\d+])(?<!\d[.,-])(?:\+?1[ .-]?)?"
    r"(?:\([2-9]\d{2}\)[ -]?\d{3}[ .-]\d{4}|[2-9]\d{2}([ .-])\d{3}\1\d{4})(?!\d)(?![.,-]\d)"
)
_RUN = re.compile(
    r"(?<!\d)(?<!\d[ .,(/:-])(?<![A-Za-z_#$€£¥@=+])(?<![$€£¥] )"
    r"[+(]{0,2}\d[\d ().\u00a0-]{4,24}\d(?![.,]?\d)(?![ -]\d)(?![%€$£])"
)
_SHAPE = re.compile(r"\+?\(?\d++\)?(?:(?:[ .\u00a0-]|(?<=\))|(?=\()){1,2}\(?\d++\)?)*")
_DATE = re.compile(r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?\b|\d\d?[-. ]\d\d?[-. ](?:19|20)?\d\d\Z")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})+")
_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension) ?\d{1,6}(?!\d)", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?P<phone>(?:tele)?phones?|tel|mobile|cell(?:ular|phone)?|fax|call(?:s|ed|ing)?|dial(?:led)?"
    r"|desk|landline|hotline|helpline|sms|whatsapp|reach|contact|answering|messages? to|text(?:ed)?"
    r"|t[eé]l[eéè](?:fono?|phone)|telefonnummer|handy|m[oó]vil|celular|portable|rufnummer)\b"
    r"|\b(?P<other>accounts?|acct|orders?|ref(?:erence)?|invoice|transaction|transfer|case|ticket"
    r"|policy|id|iban|card|loan|balance|amount|total|paid|pay|price|serial|tracking|zip|code|pin"
    r"|version|model|year|date|isbn|between|about|than)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[ -](?:office|fax|mobile|home|cell|work)\b", re.IGNORECASE)

_CONTEXT = 40
_CONTEXT_OF_PLAIN_DIGITS = 20


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    for match in _NORTH_AMERICAN.finditer(text):
        yield match.start(), _with_extension(text, match.end())
    for match in _RUN.finditer(text):
        if _is_phone(text, match.start(), match.end()):
            yield match.start(), _with_extension(text, match.end())


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _is_phone(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    digits = re.sub(r"\D", "", run)
    if not 7 <= len(digits) <= 15 or not _SHAPE.fullmatch(run) or _DATE.match(run):
        return False
    groups = len(re.findall(r"\d+", run))
    if run[0] == "+" and digits[0] != "0" and len(digits) >= 9:
        return True
    if digits[0] == "0" and groups >= 3 and 9 <= len(digits) <= 14:
        return True
    return _said_to_be(text, start, end, plain=groups == 1)


def _said_to_be(text: str, start: int, end: int, *, plain: bool) -> bool:
    """Whether the nearest telling word before tells of a telephone, or the word after does."""
    if not plain and _AFTER.match(text, end):
        return True
    reach = _CONTEXT_OF_PLAIN_DIGITS if plain else _CONTEXT
    telling = [match.lastgroup for match in _BEFORE.finditer(text[max(0, start - reach) : start])]
    return telling[-1:] == ["phone"]
