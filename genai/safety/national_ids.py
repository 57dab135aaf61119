"""Finds national identification numbers.

A number whose shape is common, or whose check digit is weak, counts only if words near it name its kind.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from genai.safety import checksums
from genai.safety import national_checksums as checks
from genai.safety.named_after import name_after
from genai.safety.number_names import (
    is_other_key,
    names_card,
    names_thing,
    names_thing_beside,
)
from genai.safety.tables.headers import Cell, cell_at

CONTEXT = 62
"""Characters before a number that may name its kind."""

NEAR = 24
"""Characters before a number that may say that it identifies a thing, such as an order."""

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[.-])(?:(?=[A-Za-z]{0,6}(?:[ .-]{0,2}[A-Za-z]?\d){4})"
    r"(?:[A-Za-z]{0,6}\d|[A-Z]{2}[ -](?=\d\d)|[XYZxyz][ -](?=\d))"
    r"|(?=[A-Z]{5} \d{4} |[A-Z]{3} [A-Z]{3} \d\d[A-Z])[A-Z])"
)
_END = r"(?![A-Za-z0-9])(?![.-]\d)"
_END_OF_DIGITS = r"(?!\d)(?![A-Za-z](?![a-z]{2}))(?![a-zA-Z]{0,8}\d)(?![.-]\d)"
"""A word may follow digits without a space."""
_SEPARATORS = re.compile(r"[ .\u00a0\n\r-]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_OMOCODE = "[0-9LMNP-Vlmnp-v]"
"""A digit of an Italian code, or the letter that replaces it if two people share a code (omocodia)."""
_DATE = r"(?:(?:19|20)\d\d([.-])\d\d?\1\d\d?|\d\d?([.-])\d\d?\2(?:19|20)\d\d)"
_BEGINS_WITH_DATE = re.compile(rf"{_DATE}(?!\d)")


def _grouped(count: int, first: str = r"\d") -> str:
    """So many digits in groups of any size, which may be separated by a line break."""
    return rf"{first}(?:(?:[ .-]{{1,2}}|\r?\n)?\d){{{count - 1}}}"


Span = tuple[int, int]


def _any(_: str) -> bool:
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

    def may_occur(self, squeezed: str) -> bool:
        """Whether the squeezed text has one of the context words, if there are any."""
        return not self.context or any(_squeezed(word) in squeezed for word in self.context)

    def end_of(self, text: str, start: int) -> int:
        """The end of a valid number at this position; 0 if there is none."""
        match = self.shape.match(text, start)
        if match is None or not self.valid(_SEPARATORS.sub("", match[0]).upper()):
            return 0
        return match.end()

    def match_named(self, text: str, start: int, cell: Cell | None) -> tuple[int, int]:
        """How far away the words are that name the number at this position, and the end of the number.

        The end is 0 if it is not named, or if a nearer word names a thing. If several kinds match, the one
        whose name is nearest applies. In a table, the header is the nearest.
        """
        end = self.end_of(text, start)
        if not end or self.name_pattern is None or _BEGINS_WITH_DATE.match(text, start):
            return 0, 0
        floor = max(0, start - CONTEXT)
        if cell:
            if named := [*self.name_pattern.finditer(cell.header)][-1:]:
                return _far(-named[0].end(), named[0]), end
            if names_thing(cell.header):
                return 0, 0
            floor = max(floor, cell.row)
        before = [*self.name_pattern.finditer(text, floor, start)][-1:]
        if before and not _another_is_nearer(text, before[0].end(), start):
            return _far(start - before[0].end(), before[0]), end
        behind = self.name_pattern.search(name_after(text, end, cells=cell is None))
        return (_far(_FURTHER + behind.start(), behind), end) if behind else (0, 0)


_FURTHER = 3
"""Words behind a number are this much further away than equal words before it."""


def _far(characters: int, name: re.Match[str]) -> int:
    """A measure of distance; of two names at the same place, the longer one is nearer."""
    return characters * CONTEXT * 2 - len(name[0])


def _another_is_nearer(text: str, name_end: int, start: int) -> bool:
    """Whether a name between a kind's name and the number is that of another number."""
    return names_thing(text[name_end:start]) or is_other_key(text, name_end, start)


@lru_cache(maxsize=512)
def _squeezed(words: str) -> str:
    """In lower case and without separators, as in taxFileNumber or T.F.N."""
    return _BETWEEN_WORDS.sub("", words.lower())


class NationalIdFinder:
    """Finds numbers of several kinds: start, end and entity."""

    def __init__(self, ids: Sequence[NationalId]) -> None:
        self._named = tuple(number for number in ids if number.context)
        unnamed = [(f"id{index}", number) for index, number in enumerate(ids) if not number.context]
        tried = (f"(?=(?P<{name}>{_renamed(number, name)})|)" for name, number in unnamed)
        self._unnamed = dict(unnamed)
        self._shapes = re.compile("".join(tried))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        candidates = [candidate.start() for candidate in _CANDIDATE.finditer(text)]
        if not candidates:
            return
        squeezed = _BETWEEN_WORDS.sub("", text.lower())
        named = [number for number in self._named if number.may_occur(squeezed)]
        for start in candidates:
            cell = cell_at(text, start)
            shaped = self._matching(text, start)
            found = [
                (number.match_named(text, start, cell), number.entity)
                for number in chain(named, shaped)
            ]
            for (_, end), entity in sorted(found, key=lambda each: each[0][0]):
                if end:
                    yield start, end, entity
            for number in shaped:
                end = number.end_of(text, start)
                if end and not _identifies_thing(text, start, end, cell):
                    yield start, end, number.entity

    def _matching(self, text: str, start: int) -> Sequence[NationalId]:
        """The kinds without context whose shape matches; all are tried in one search."""
        match = self._shapes.match(text, start)
        if match is None or match.lastindex is None:
            return ()
        found = match.groupdict()
        return [number for name, number in self._unnamed.items() if found[name] is not None]


_NO_LETTER = re.compile(r"[^A-Za-z]+")


def _identifies_thing(text: str, start: int, end: int, cell: Cell | None) -> bool:
    """Whether a name says so. For a number with letters, only the word directly before counts."""
    if cell and names_thing(cell.header):
        return True
    before = text[max(0, start - NEAR, cell.row if cell else 0) : start]
    if _NO_LETTER.fullmatch(text, start, end):
        digits = _SEPARATORS.sub("", text[start:end])
        card = checksums.card_network(digits) and checksums.luhn(digits)
        beside = (before, name_after(text, end), cell.header if cell else "")
        return names_thing(before) or (card and any(map(names_card, beside)))
    return names_thing_beside(before)


@lru_cache(maxsize=512)
def names_national_id(words: str) -> bool:
    """Whether the words name a kind of national number."""
    return any(n.name_pattern.search(words) for n in NATIONAL_IDS if n.name_pattern)


def _renamed(number: NationalId, name: str) -> str:
    """The shape with its group named, so that it can be combined with other shapes."""
    shape = re.sub(r"(?<!\\)\((?!\?)", f"(?P<{name}s>", number.shape.pattern)
    return shape.replace(r"\1", f"(?P={name}s)")


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


def _id(
    entity: str,
    shape: str,
    valid: Callable[[str], bool] = _any,
    *context: str,
    known_as: tuple[str, ...] = (),
) -> NationalId:
    """With ``known_as``, the shape suffices, but the number may have these names."""
    names = context or known_as
    name_pattern = re.compile("|".join(map(_spelt, names))) if names else None
    end = _END_OF_DIGITS if _ENDS_IN_DIGIT.search(shape) else _END
    return NationalId(entity, re.compile(f"(?:{shape}){end}"), valid, context, name_pattern)


NATIONAL_IDS = (
    _id("US_SSN", r"\d{9}|\d{3}([ .-]| - |  )\d\d\1\d{4}", checksums.ssn,
        "ssn", "ssns", "social security", "social.", "soc sec", "ss number", "ss no", "ss num", "ss#",
        "tax id", "seguro social"),
    _id("US_ITIN", r"9\d\d([ -])\d\d\1\d{4}", checks.us_itin),
    _id("US_ITIN", _grouped(9, "9"), checks.us_itin, "itin", "taxpayer", "individual tax"),
    _id("UK_NINO", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
        r"(?:([ -]?)\d\d\1\d\d\1\d\d\1| \d{6} )[A-D]"),
    _id("UK_NINO", r"(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d]"),
    _id("UK_NHS", _grouped(10), checks.nhs, "nhs", "health service"),
    _id("NO_FNR", r"\d{6}[ -]?\d{5}", checks.norwegian_number,
        known_as=("fødselsnummer", "fodselsnummer", "fødselsn", "fodselsn", "fnr", "personnummer")),
    _id("DE_TAX_ID", r"[1-9]\d(?: \d{3}){3}|[1-9]\d{10}", checks.german_tax_id),
    _id("DE_TAX_ID", _grouped(11, "[1-9]"), checks.german_tax_id,
        "steuer", "idnr", "id nr", "identifikationsnummer", "tax id", "tin", "tax number"),
    _id("FR_NIR", r"[12]([ .]?)\d\d\1\d\d\1\d[\dABab]\1\d{3}\1\d{3}[ .-]?\d\d", checks.french_nir),
    _id("ES_NIF", r"(?:\d{8}|\d\d\.\d{3}\.\d{3})(?:-?[A-Za-z]| [A-Z])", checks.spanish_nif),
    _id("ES_NIE", r"[XYZxyz]-?\d{7}-?[A-Za-z]|[XYZ][ -]\d{7}[ -][A-Z]", checks.spanish_nif),
    _id("IT_FISCAL_CODE", rf"[A-Za-z]{{6}}{_OMOCODE}{{2}}[A-EHLMPR-Ta-ehlmpr-t]{_OMOCODE}{{2}}"
        rf"[A-Za-z]{_OMOCODE}{{3}}[A-Za-z]"
        rf"|[A-Z]{{3}} [A-Z]{{3}} {_OMOCODE}{{2}}[A-EHLMPR-T]{_OMOCODE}{{2}} [A-Z]{_OMOCODE}{{3}}[A-Z]",
        checks.italian_fiscal_code),
    _id("NL_BSN", _grouped(9), checks.dutch_bsn,
        "bsn", "bsnnummer", "burger service", "sofinummer", "sofi nummer", "citizen service"),
    _id("IN_PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]|[a-z]{3}[abcfghjlpt][a-z]\d{4}[a-z]"),
    _id("IN_PAN", r"[A-Za-z]{5}\d{4}[A-Za-z]|[A-Z]{5} \d{4} [A-Z]", _any, "pan", "permanent account", "पैन"),
    _id("IN_AADHAAR", r"(?<!\d{4}[ -])(?<![A-Z]{2}\d\d[ -])[2-9]\d{3}([ -])\d{4}\1\d{4}(?![ -]\d\d)",
        checks.verhoeff),
    _id("IN_AADHAAR", _grouped(12, "[2-9]"), checks.verhoeff,
        "aadhaar", "aadhar", "adhaar", "adhar", "uidai", "uid", "आधार"),
    _id("AU_TFN", rf"{_grouped(9)}|\d{{8}}|\d{{3}}([ -])\d{{3}}\1\d\d", checks.australian_tfn,
        "tfn", "tax file"),
    _id("AU_MEDICARE", _grouped(10, "[2-6]"), checks.medicare, "medicare"),
    _id("CA_SIN", _grouped(9), checks.canadian_sin,
        "sin", "social insurance", "assurance sociale", "nas"),
    _id("SG_NRIC_FIN", r"[STFGMstfgm]\d{7}[A-Za-z]", checks.singaporean_nric),
    _id("PL_PESEL", _grouped(11), checks.polish_pesel, "pesel"),
    _id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{4}", checks.finnish_code,
        known_as=("henkilötunnus", "henkilotunnus", "hetu", "sotu", "identity code", "personbeteckning")),
    _id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{3}[A-Ya-y]", checks.finnish_code),
    _id("SE_PERSONNUMMER", r"(?:\d\d)?\d{6}[-+]\d{4}|(?:19\d|20[01])\d{9}", checks.swedish_number),
    _id("SE_PERSONNUMMER", r"(?:\d\d)?\d{6}[ -]?\d{4}", checks.swedish_number,
        "personnummer", "personnumret", "personnr", "pers nr", "persnr", "pnr", "personal identity",
        "personal number", "person number", "samordningsnummer"),
    _id("DK_CPR", r"\d\d[ .-]?\d\d[ .-]?\d\d[ -]{0,3}\d{4}", checks.danish_cpr,
        "cpr", "cprnr", "cprnummer", "civil registration"),
    _id("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d|\d{9}-\d\d", checks.brazilian_cpf),
    _id("BR_CPF", _grouped(11), checks.brazilian_cpf, "cpf", "cadastro de pessoa"),
    _id("BE_NRN", r"\d\d([. ]?)\d\d\1\d\d[ .-]?\d{3}[ .-]?\d\d", checks.belgian_number,
        known_as=("rijksregister", "registre national", "national number", "nationaal nummer",
                  "numéro national", "numero national", "niss", "insz", "rrn")),
    _id("CH_AHV", r"756([. ]?)\d{4}\1\d{4}\1\d\d", checks.swiss_ahv),
    _id("CH_AHV", _grouped(13, "7"), checks.swiss_ahv, "ahv", "avs", "versichertennummer"),
    _id("PT_NIF", _grouped(9, "[1-9]"), checks.portuguese_nif,
        "nif", "contribuinte", "número fiscal", "numero fiscal", "identificação fiscal", "n.º fiscal"),
    _id("IE_PPS", r"\d{7}[A-Wa-w][A-IT-Xa-it-x]?", checks.irish_pps),
    _id("IE_PPS", r"\d{7}[ -]?[A-Wa-w][A-IT-Xa-it-x]?", checks.irish_pps,
        "pps", "ppsn", "personal public service"),
    _id("ZA_ID", r"\d{13}|\d{6} \d{4} \d\d ?\d", checks.south_african_id),
    _id("KR_RRN", r"\d{6}-[1-8]\d{6}", checks.korean_rrn),
    _id("KR_RRN", r"\d{6}[1-4]\d{6}", checks.korean_rrn_with_check),
    _id("KR_RRN", r"\d{6}[ -]?[1-8]\d{6}", checks.korean_rrn,
        "주민", "jumin", "외국인등록", "rrn", "resident registration", "resident reg"),
    _id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{10}", checks.chinese_id),
    _id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{9}[Xx]", checks.chinese_id),
    _id("MX_CURP", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d|[a-z]{4}\d{6}[hmx][a-z]{5}[0-9a-z]\d",
        checks.mexican_curp),
    _id("ZA_ID", _grouped(13), checks.south_african_id,
        "id number", "id no", "identity number", "identity no", "rsa id", "sa id", "south african",
        "id nommer", "identiteitsnommer", "id book", "national id"),
    _id("PASSPORT", r"(?=(?:[A-Za-z0-9]{0,3}?\d){4})[A-Za-z0-9]{7,10}", _any,
        "passport", "reisepass", "passeport", "pasaporte", "paspoort", "passaporto"),
    _id("US_DRIVER_LICENSE", r"(?=[A-Za-z]{0,2}\d{4})[A-Za-z]{0,2}\d[\d-]{5,13}\d", _any,
        "driver license", "driver's license", "drivers license", "driving licence",
        "driver licence", "driver's licence", "license number", "licence number"),
)  # fmt: skip
"""Of two that the same digits could be, the one of which fewer random digits are comes first."""
