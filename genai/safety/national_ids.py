"""Finds the numbers that states give to people.

A shape that other numbers share, or a weak check digit, counts only when a word beside it says what
the number is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from genai.safety import national_checksums as checks
from genai.safety.named_after import name_after
from genai.safety.number_names import names_thing

CONTEXT = 56
"""How many characters before a number may say what it is."""

NEAR = 24
"""How many may say that it is the number of a thing."""

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[.-])(?=[A-Za-z]{0,6}(?:[ .-]?[A-Za-z]?\d){4})"
    r"(?:[A-Za-z]{0,6}\d|[A-Z]{2}[ -](?=\d\d)|[XYZxyz]-(?=\d))"
)
_END = r"(?![A-Za-z0-9])(?![.-]\d)"
_END_OF_DIGITS = r"(?!\d)(?![A-Za-z](?![a-z]{2}))(?![a-zA-Z]{0,8}\d)(?![.-]\d)"
"""A word may be written right behind digits."""
_SEPARATORS = re.compile(r"[ .\u00a0-]")


def _any(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class NationalId:
    """``context`` are words of which one must stand beside; without them the shape is enough."""

    entity: str
    shape: re.Pattern[str]
    valid: Callable[[str], bool]
    context: tuple[str, ...] = ()
    telling: re.Pattern[str] | None = None

    def may_occur(self, small: str) -> bool:
        """Whether the text, in small letters, has what the number needs beside its shape."""
        return not self.context or any(word in small for word in self.context)

    def end_of(self, text: str, small: str, start: int) -> int:
        """Where the number ends that begins there; 0 when none does."""
        match = self.shape.match(text, start)
        if match is None or not self.valid(_SEPARATORS.sub("", match[0]).upper()):
            return 0
        end = match.end()
        if self.telling and not (
            self.telling.search(small, max(0, start - CONTEXT), start)
            or self.telling.search(name_after(text, end))
        ):
            return 0
        return end


class NationalIdFinder:
    """Numbers of some kinds: where they begin and end, and the entity."""

    def __init__(self, ids: Sequence[NationalId]) -> None:
        self._asked = tuple(number for number in ids if number.context)
        named = [(f"id{index}", number) for index, number in enumerate(ids) if not number.context]
        tried = (f"(?=(?P<{name}>{_renamed(number, name)})|)" for name, number in named)
        self._certain = dict(named)
        self._shapes = re.compile("".join(tried))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        candidates = [candidate.start() for candidate in _CANDIDATE.finditer(text)]
        if not candidates:
            return
        small = text.lower()
        if len(small) != len(text):
            small = text
        asked = [number for number in self._asked if number.may_occur(small)]
        for start in candidates:
            for number in asked:
                if end := number.end_of(text, small, start):
                    yield start, end, number.entity
            for number in self._likely(text, start):
                end = number.end_of(text, small, start)
                if end and not _of_a_thing(text, start, end):
                    yield start, end, number.entity

    def _likely(self, text: str, start: int) -> Sequence[NationalId]:
        """Those that need no word before them and whose shape is there; all are tried at once."""
        match = self._shapes.match(text, start)
        if match is None or match.lastindex is None:
            return ()
        found = match.groupdict()
        return [number for name, number in self._certain.items() if found[name] is not None]


_NO_LETTER = re.compile(r"[^A-Za-z]+")


def _of_a_thing(text: str, start: int, end: int) -> bool:
    """Whether a word before digits says so; with letters a number has a shape of its own."""
    only_digits = _NO_LETTER.fullmatch(text, start, end)
    return bool(only_digits) and names_thing(text[max(0, start - NEAR) : start])


def _renamed(number: NationalId, name: str) -> str:
    """The shape with a name for its one group, so that it can stand beside others."""
    shape = re.sub(r"(?<!\\)\((?!\?)", f"(?P<{name}s>", number.shape.pattern)
    return shape.replace(r"\1", f"(?P={name}s)")


_ENDS_IN_DIGIT = re.compile(r"\\d(?:\{[\d,]+\})?(?:\(\?!.*\))?\Z")


def _id(entity: str, shape: str, valid: Callable[[str], bool] = _any, *context: str) -> NationalId:
    ends = (f"{word}(?![a-z])" if len(word) < 5 else word for word in context)
    telling = re.compile(rf"(?<![a-z])(?:{'|'.join(ends)})") if context else None
    end = _END_OF_DIGITS if _ENDS_IN_DIGIT.search(shape) else _END
    return NationalId(entity, re.compile(f"(?:{shape}){end}"), valid, context, telling)


NATIONAL_IDS = (
    _id("US_ITIN", r"9\d\d([ -])\d\d\1\d{4}", checks.us_itin),
    _id("US_ITIN", r"9\d{8}", checks.us_itin, "itin", "taxpayer"),
    _id("UK_NINO", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
        r"([ -]?)\d\d\1\d\d\1\d\d\1[A-D]"),
    _id("UK_NINO", r"(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d]"),
    _id("UK_NHS", r"\d{3}([ -]?)\d{3}\1\d{4}", checks.nhs, "nhs", "health service"),
    _id("NO_FNR", r"\d{6} ?\d{5}", checks.norwegian_number),
    _id("DE_TAX_ID", r"[1-9]\d(?: \d{3}){3}|[1-9]\d{10}", checks.german_tax_id),
    _id("FR_NIR", r"[12]([ .]?)\d\d\1\d\d\1\d[\dABab]\1\d{3}\1\d{3}[ .-]?\d\d", checks.french_nir),
    _id("ES_NIF", r"(?:\d{8}|\d\d\.\d{3}\.\d{3})(?:-?[A-Za-z]| [A-Z])", checks.spanish_nif),
    _id("ES_NIE", r"[XYZxyz]-?\d{7}-?[A-Za-z]", checks.spanish_nif),
    _id("IT_FISCAL_CODE", r"[A-Za-z]{6}\d\d[A-EHLMPR-Ta-ehlmpr-t]\d\d[A-Za-z]\d{3}[A-Za-z]",
        checks.italian_fiscal_code),
    _id("NL_BSN", r"\d{9}|\d{4}[. ]\d\d[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}", checks.dutch_bsn,
        "bsn", "bsnnummer", "burgerservice", "sofinummer", "citizen service"),
    _id("IN_PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]|[a-z]{3}[abcfghjlpt][a-z]\d{4}[a-z]"),
    _id("IN_PAN", r"[A-Za-z]{5}\d{4}[A-Za-z]", _any, "pan",   ),
    _id("IN_AADHAAR", r"(?<!\d{4}[ -])(?<![A-Z]{2}\d\d[ -])[2-9]\d{3}([ -])\d{4}\1\d{4}(?![ -]\d\d)",
        checks.verhoeff),
    _id("IN_AADHAAR", r"[2-9]\d{11}", checks.verhoeff, "aadhaar", "aadhar", "uidai"),
    _id("AU_TFN", r"\d{3}([ -]?)\d{3}\1\d{2,3}", checks.australian_tfn, "tfn", "tax file"),
    _id("AU_MEDICARE", r"[2-6]\d{3}([ -]?)\d{5}\1\d", checks.medicare, "medicare"),
    _id("CA_SIN", r"\d{3}([ -]?)\d{3}\1\d{3}", checks.canadian_sin,
        "sin",   "social insurance", "assurance sociale", "nas"),
    _id("SG_NRIC_FIN", r"[STFGMstfgm]\d{7}[A-Za-z]", checks.singaporean_nric),
    _id("PL_PESEL", r"\d{11}", checks.polish_pesel, "pesel"),
    _id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{4}", checks.finnish_code),
    _id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{3}[A-Ya-y]", checks.finnish_code),
    _id("SE_PERSONNUMMER", r"(?:\d\d)?\d{6}[-+]\d{4}", checks.swedish_number),
    _id("SE_PERSONNUMMER", r"(?:\d\d)?\d{10}", checks.swedish_number,
        "personnummer", "personnr", "personal identity", "personal number", "samordningsnummer"),
    _id("DK_CPR", r"\d{6}[ -]?\d{4}", checks.danish_cpr, "cpr", "cprnr", "cprnummer"),
    _id("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d", checks.brazilian_cpf),
    _id("BR_CPF", r"\d{11}", checks.brazilian_cpf, "cpf"),
    _id("BE_NRN", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", checks.belgian_number),
    _id("BE_NRN", r"\d\d[. ]?\d\d[. ]?\d\d[ -]?\d{3}[. ]?\d\d", checks.belgian_number,
        "rijksregister", "registre national", "national register", "insz", "niss"),
    _id("CH_AHV", r"756([. ]?)\d{4}\1\d{4}\1\d\d", checks.swiss_ahv),
    _id("PT_NIF", r"[1-9]\d{2}([ .]?)\d{3}\1\d{3}", checks.portuguese_nif,
        "nif",  "contribuinte"),
    _id("IE_PPS", r"\d{7}[A-Wa-w][A-IWa-iw]?", checks.irish_pps),
    _id("KR_RRN", r"\d{6}-[1-8]\d{6}", checks.korean_rrn),
    _id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{10}", checks.chinese_id),
    _id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{9}[Xx]", checks.chinese_id),
    _id("MX_CURP", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d", checks.mexican_curp),
    _id("ZA_ID", r"\d{6} ?\d{4} ?\d{3}", checks.south_african_id,
        "id number", "identity number", "rsa id", "south african id"),
    _id("PASSPORT", r"(?=(?:[A-Za-z0-9]{0,3}?\d){4})[A-Za-z0-9]{7,10}", _any,
        "passport", "reisepass", "passeport", "pasaporte", "paspoort", "passaporto"),
    _id("US_DRIVER_LICENSE", r"(?=[A-Za-z]{0,2}\d{4})[A-Za-z]{0,2}\d[\d-]{5,13}\d", _any,
        "driver license", "driver's license", "drivers license", "driving licence",
        "driver licence", "driver's licence", "license number", "licence number"),
)  # fmt: skip
"""Of two that the same digits could be, the one of which fewer random digits are comes first."""
