"""Redacts sensitive data that is truncated because the text ends too soon.

    max_tokens or a stop sequence ──▶ "The card is 4111 1111 1111 11" ──▶ "The card is <CREDIT_CARD>"

Without check digits, only long beginnings count, only at the end of the text, and only of kinds whose
beginnings are distinctive. Complete data is left to the other checks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from genai.safety import checksums, split_numbers
from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import readings
from genai.safety.national_id import CONTEXT
from genai.safety.national_ids import NATIONAL_IDS
from genai.safety.personal_data import Place, Recognizer

Action = Literal["redact", "block"]

_STOP = r"(?=\Z|\n\x02)"
"""The end of the text, or of one of several texts that are inspected together."""

_END = r"(?=[ \u00a0]?(?:\Z|\n\x02))"

_LONGEST = 160
_SECRET = re.compile(
    r"\b(?:(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z2-7]{6,}|eyJ[\w-]{10,}\.eyJ[\w-]+"
    r"|(?:gh[pousr]_|github_pat_|glpat-|hf_|npm_|pypi-|dckr_pat_|xox[abeoprs]-|xapp-|sntry[su]_|lin_api_"
    r"|(?:sk|rk|pk)_(?:live|test)_|whsec_|AIza|GOCSPX-|ya29\.|hv[sb]\.|NRAK-|ATATT3|do[opr]_v1_|gaf_"
    r"|shp(?:at|ca|pa|ss)_|dapi(?=[0-9a-f]+[\s-]?(?:\Z|\n))|SG\.(?=[\w.-]*\d)|sk-(?=[\w-]*\d))[\w.=+/-]{8,}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{8,}|AccountKey=[A-Za-z0-9+/]{10,}|\d{8,10}:AA[\w-]{8,}"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,20}://[\w.~%!$&*+=-]{1,64}:(?=[^\s:/@]*[^\d\s:/@])[^\s:/@\"'<>]{4,})" + _STOP
    + r"|-----BEGIN(?: [A-Z0-9]{1,12}){1,4}-{0,5}" + _STOP,
    re.ASCII,
)  # fmt: skip
_PASSWORD = re.compile(
    r"(?:api[ _-]?key|secret|token|passw(?:or)?d|passphrase|pwd)[\"']?\s?(?:[:=]|\bis\b)\s?[\"'`]?"
    r"(?P<value>(?=[^\s\"'`]*\d)(?=[^\s\"'`]*[A-Za-z])[\w+/~!#@?$%&*.=-]{5,})" + _STOP,
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\w.,+€$£#-])(?<!\d[ /:])\d(?:[ \u00a0-]?\d){7,14}" + _END)
_CARD_GROUPS = re.compile(
    r"\d{4}(?P<sign>[ \u00a0-])(?:\d{4}(?P=sign)\d{4}(?P=sign)\d{1,3}|\d{4}(?P=sign)\d{3,4}"
    r"|\d{6}(?P=sign)\d{1,4})"
    r"|\d(?:(?P<one>[ -])\d)(?:(?P=one)\d){8,13}|\d{12,15}"
)
_MOST_OF_CARD = 11
_CARD_WORDS = re.compile(r"\b(?:cards?|visa|master ?card|maestro|amex|karte|carte|tarjeta)\b", re.I)
_OTHERS = re.compile(
    r"\b(?:orders?|products?|tracking|parcels?|shipments?|invoices?|references?|ref|tickets?|cases?|phone|mobile"
    r"|tel|fax|call|ean|gtin|isbn|imei|accounts?|ids?)\b",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?P<country>[A-Z]{2})\d\d(?:[ \u00a0./_:\n-]?[A-Z0-9]){6,30}" + _END
    + r"|(?<![A-Za-z0-9])(?P<small>[a-z]{2})\d\d[a-z0-9]{6,30}" + _END
)  # fmt: skip
_DIGIT_OR_AT = re.compile(r"[\d@]")
"""Personal data other than secrets has a digit or an at sign."""
_SHAPES: Mapping[str, re.Pattern[str]] = {
    entity: re.compile(r"(?<![\w.,+-])(?:" + shape + ")" + _STOP)
    for entity, shape in {
        "EMAIL_ADDRESS": r"[A-Za-z0-9_.%+'-]{2,64}@(?:[A-Za-z0-9-]{1,40}\.?){0,4}",
        "US_SSN": r"\d{3}-\d\d-\d{1,3}",
        "PHONE_NUMBER": r"\+\d[\d ()\u00a0-]{6,20}|(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{2,3}",
        "CRYPTO": r"0x[0-9A-Fa-f]{24,39}|bc1[02-9ac-hj-np-z]{12,}"
        r"|(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])[13][1-9A-HJ-NP-Za-km-z]{17,32}",
        "UK_NINO": r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ -]?)\d\d\1\d\d\1\d\d\1?",
        "FR_NIR": r"[12]([ .])\d\d\1(?:0[1-9]|1[0-2])\1\d[\dAB]\1\d{3}(?:\1\d{0,3}(?:[ .-]?\d?)?)?",
        "IT_FISCAL_CODE": r"[A-Z]{6}\d\d[A-EHLMPR-T]\d\d(?:[A-Z]\d{0,3})?",
        "BR_CPF": r"\d{3}\.\d{3}\.\d{3}-\d?",
        "CH_AHV": r"756([. ])\d{4}\1\d{4}(?:\1\d?)?",
        "BE_NRN": r"\d\d\.(?:0\d|1[0-2])\.[0-3]\d-\d{3}(?:\.\d?)?",
        "ES_NIE": r"[XYZ]-?\d{7}-?",
        "IN_PAN": r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}",
        "MX_CURP": r"[A-Z]{4}\d{6}[HM][A-Z]{1,5}[0-9A-Z]?",
    }.items()
}
_NAMES = {
    "US_SSN": r"ssn\b|social security",
    "UK_NINO": r"national insurance|ni (?:number|no)\b|nino\b",
    "DE_TAX_ID": r"steuer-?id|steuernummer|id-?nr\b|identifikationsnummer|tax (?:id|number)",
    "FR_NIR": r"s[ée]curit[ée] sociale|nir\b",
    "ES_NIF": r"(?:dni|nif)\b",
    "ES_NIE": r"nie\b",
    "IN_PAN": r"pan\b|permanent account",
    "SG_NRIC_FIN": r"(?:nric|fin)\b",
    "FI_PERSONAL_IDENTITY_CODE": r"henkil[öo]tunnus|hetu\b|identity code",
    "PL_PESEL": r"pesel\b",
    "NO_FNR": r"f[øo]dselsnummer|national id",
    "BR_CPF": r"cpf\b",
    "CH_AHV": r"(?:ahv|avs|oasi)\b",
    "IE_PPS": r"ppsn?\b|public service number",
    "IBAN_CODE": r"iban\b",
}
"""Names of numbers that are found without a name if they are complete."""
_NAME_PATTERNS = (
    *((n.entity, n.name_pattern) for n in NATIONAL_IDS if n.name_pattern is not None),
    *((entity, re.compile(rf"\b(?:{names})", re.IGNORECASE)) for entity, names in _NAMES.items()),
)
_ALONE = r"(?<![\w.,+€$£#-])"
_BEGINS = r"(?:(?P<apart>[A-Z]{1,6}[ -])|[A-Za-z]{1,6})?(?P<digits>\d)"
_NUMBER = re.compile(
    _ALONE
    + r"(?=(?:[ ./-]?[A-Za-z0-9]){7}|\d{6})"
    + _BEGINS
    + r"(?:[ ./-]?\d){1,31}(?:[A-Za-z](?=\d|[ -]?\Z)\d{0,13}){0,4}[ ./-]?"
    + _STOP
)
_UNFINISHED = re.compile(
    _ALONE + _BEGINS + r"(?:[ ./-]?\d){0,31}(?:[A-Za-z]\d{0,13}){0,4}[ ./-]?\Z"
)
"""The beginning of a `_NUMBER`. The other checks do not hold it back, because it has a letter."""
_NEAR = 6
"""The last digit of an unfinished number is among this many last characters."""
_DATE = re.compile(r"(?:19|20)\d\d[ ./-]\d\d[ ./-]\d\d|\d\d[ ./-]\d\d[ ./-](?:19|20)\d\d")
_WORDS_BEFORE = re.compile(r"\D{0,40}\Z")


class CutShortCheck(Check):
    """``personal`` and ``secrets`` are the actions on truncated data of each kind; None disables them.

    ``whole`` are recognizers of complete data, which is left to other checks.
    """

    name = "cut_short"
    waits = False

    def __init__(
        self, personal: Action | None, secrets: Action | None, whole: Sequence[Recognizer] = ()
    ) -> None:
        self._personal = personal
        self._whole = tuple(whole)
        self._secrets = secrets

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        """In a stream, holds back only numbers with names; the other checks hold back the rest."""
        if not final:
            return Scan(safe_upto=self._undecided_from(text))
        findings = [
            Finding(*read.place(start, end), rule, replacement=replacement)
            for read in readings(text, final=False)
            for start, end, rule, replacement in self._ends(read.text)
        ]
        return Scan(safe_upto=len(text), findings=tuple(findings))

    def _undecided_from(self, text: str) -> int:
        if not self._personal:
            return len(text)
        read = readings(text, final=False)
        return min(each.position(_unfinished_from(each.text)) for each in read)

    def _ends(self, text: str) -> Iterator[tuple[int, int, str, str | None]]:
        for floor, end in _last_words(text):
            if self._secrets:
                replacement = None if self._secrets == "block" else "<SECRET>"
                for start, after in _cut_secrets(text, floor, end):
                    yield start, after, "secret", replacement
            if self._personal:
                for start, after, entity in self._cut_personal(text, floor, end):
                    yield start, after, entity, None if self._personal == "block" else f"<{entity}>"

    def _cut_personal(self, text: str, floor: int, end: int) -> Iterator[Place]:
        if not _DIGIT_OR_AT.search(text, floor, end):
            return
        begun = list(_cut_data(text, floor, end))
        found = (found for one in self._whole if begun for found in one.find(text[floor:end]))
        whole = [(floor + start, floor + after) for start, after, _ in found]
        for start, after, entity in begun:
            if not any(start < last and first < after for first, last in whole):
                yield start, after, entity


def _last_words(text: str) -> Iterator[tuple[int, int]]:
    """The span of the end of each text, including its separator."""
    ends = [match.start() for match in re.finditer(r"\n\x02", text)]
    for end in (*ends, len(text)):
        yield max(0, end - _LONGEST), min(len(text), end + 2)


def _cut_secrets(text: str, floor: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _SECRET.finditer(text, floor, end):
        yield match.span()
    for match in _PASSWORD.finditer(text, floor, end):
        yield match.span("value")


def _cut_data(text: str, floor: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _CARD.finditer(text, floor, end):
        before = text[max(0, match.start() - 40) : match.start()]
        spaced = text[match.end() : match.end() + 1].isspace()
        if _may_be_card(match[0], before, spaced=spaced):
            yield *match.span(), "CREDIT_CARD"
    if split := split_numbers.partial_card(text[:end], floor, _CARD_WORDS):
        yield *split, "CREDIT_CARD"
    for match in _IBAN.finditer(text, floor, end):
        if _may_be_iban(re.sub(r"[\W_]", "", match[0]), match["country"] or match["small"]):
            yield *match.span(), "IBAN_CODE"
    for entity, shape in _SHAPES.items():
        for match in shape.finditer(text, floor, end):
            yield *match.span(), entity
    for match in _NUMBER.finditer(text, floor, end):
        if entity := _named_kind(text, match):
            yield _beginning(match), match.end(), entity


def _unfinished_from(text: str) -> int:
    """The start of a named number that reaches the end of the text; otherwise the end."""
    if not any(map(str.isdigit, text[-_NEAR:])):
        return len(text)
    match = _UNFINISHED.search(text, max(0, len(text) - _LONGEST))
    return _beginning(match) if match and _named_kind(text, match) else len(text)


def _beginning(number: re.Match[str]) -> int:
    return number.start("digits") if number["apart"] else number.start()


def _named_kind(text: str, number: re.Match[str]) -> str:
    """The kind that the words directly before name; empty if none."""
    if _DATE.match(number[0]):
        return ""
    begins = number.start("digits")
    before = _WORDS_BEFORE.search(text, max(0, begins - CONTEXT), begins)
    words = before[0] if before else ""
    return next((entity for entity, pattern in _NAME_PATTERNS if pattern.search(words)), "")


def _may_be_card(number: str, before: str, *, spaced: bool) -> bool:
    """Whether it may be most of a card number."""
    digits = re.sub(r"\D", "", number)
    if spaced and "-" in number:
        return False
    known, grouped = checksums.begins_card(digits), _CARD_GROUPS.fullmatch(number)
    rare = len(digits) >= _MOST_OF_CARD and digits[0] in "356"
    if _CARD_WORDS.search(before):
        return known or rare
    if grouped is None or not (known or (rare and grouped["sign"])):
        return False
    return not _OTHERS.search(before)


def _may_be_iban(read: str, country: str) -> bool:
    length = checksums.IBAN_LENGTHS.get(country.upper(), 0)
    return max(10, length * 0.55) <= len(read) < length and sum(map(str.isdigit, read)) >= 8
