"""National identification numbers of western Europe, North America, Australia and large countries elsewhere.

Of two kinds that the same digits could be, the one of which fewer random digits are comes first.
"""

from genai.safety import checksums
from genai.safety import national_checksums as checks
from genai.safety.national_id import grouped, national_id, unchecked

_OMOCODE = "[0-9LMNP-Vlmnp-v]"
"""A digit of an Italian code, or the letter that replaces it if two people share a code (omocodia)."""

KINDS = (
    national_id("US_SSN", r"\d{9}|\d{3}([ .-]| - |  )\d\d\1\d{4}", checksums.ssn,
        "ssn", "ssns", "social security", "social.", "soc sec", "ss number", "ss no", "ss num", "ss#",
        "tax id", "seguro social"),
    national_id("US_ITIN", r"9\d\d([ -])\d\d\1\d{4}", checks.us_itin),
    national_id("US_ITIN", grouped(9, "9"), checks.us_itin, "itin", "taxpayer", "individual tax"),
    national_id("UK_NINO", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
        r"(?:([ -]?)\d\d\1\d\d\1\d\d\1| \d{6} )[A-D]"),
    national_id("UK_NINO", r"(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d]"),
    national_id("UK_NHS", grouped(10), checks.nhs, "nhs", "health service"),
    national_id("NO_FNR", r"\d{6}[ -]?\d{5}", checks.norwegian_number,
        known_as=("fødselsnummer", "fodselsnummer", "fødselsn", "fodselsn", "fnr", "personnummer")),
    national_id("DE_TAX_ID", r"[1-9]\d(?: \d{3}){3}|[1-9]\d{10}", checks.german_tax_id),
    national_id("DE_TAX_ID", grouped(11, "[1-9]"), checks.german_tax_id,
        "steuer", "idnr", "id nr", "identifikationsnummer", "tax id", "tin", "tax number"),
    national_id("FR_NIR", r"[12]([ .]?)\d\d\1\d\d\1\d[\dABab]\1\d{3}\1\d{3}[ .-]?\d\d", checks.french_nir),
    national_id("ES_NIF", r"(?:\d{8}|\d\d\.\d{3}\.\d{3})(?:-?[A-Za-z]| [A-Z])", checks.spanish_nif),
    national_id("ES_NIE", r"[XYZxyz]-?\d{7}-?[A-Za-z]|[XYZ][ -]\d{7}[ -][A-Z]", checks.spanish_nif),
    national_id("IT_FISCAL_CODE", rf"[A-Za-z]{{6}}{_OMOCODE}{{2}}[A-EHLMPR-Ta-ehlmpr-t]{_OMOCODE}{{2}}"
        rf"[A-Za-z]{_OMOCODE}{{3}}[A-Za-z]"
        rf"|[A-Z]{{3}} [A-Z]{{3}} {_OMOCODE}{{2}}[A-EHLMPR-T]{_OMOCODE}{{2}} [A-Z]{_OMOCODE}{{3}}[A-Z]",
        checks.italian_fiscal_code),
    national_id("NL_BSN", grouped(9), checks.dutch_bsn,
        "bsn", "bsnnummer", "burger service", "sofinummer", "sofi nummer", "citizen service"),
    national_id("IN_PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]|[a-z]{3}[abcfghjlpt][a-z]\d{4}[a-z]"),
    national_id("IN_PAN", r"[A-Za-z]{5}\d{4}[A-Za-z]|[A-Z]{5} \d{4} [A-Z]", unchecked,
        "pan", "permanent account", "पैन"),
    national_id("IN_AADHAAR", r"(?<!\d{4}[ -])(?<![A-Z]{2}\d\d[ -])[2-9]\d{3}([ -])\d{4}\1\d{4}(?![ -]\d\d)",
        checks.verhoeff),
    national_id("IN_AADHAAR", grouped(12, "[2-9]"), checks.verhoeff,
        "aadhaar", "aadhar", "adhaar", "adhar", "uidai", "uid", "आधार"),
    national_id("AU_TFN", rf"{grouped(9)}|\d{{8}}|\d{{3}}([ -])\d{{3}}\1\d\d", checks.australian_tfn,
        "tfn", "tax file"),
    national_id("AU_MEDICARE", grouped(10, "[2-6]"), checks.medicare, "medicare"),
    national_id("CA_SIN", grouped(9), checks.canadian_sin,
        "sin", "social insurance", "assurance sociale", "nas"),
    national_id("SG_NRIC_FIN", r"[STFGMstfgm]\d{7}[A-Za-z]", checks.singaporean_nric),
    national_id("PL_PESEL", grouped(11), checks.polish_pesel, "pesel"),
    national_id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{4}", checks.finnish_code,
        known_as=("henkilötunnus", "henkilotunnus", "hetu", "sotu", "identity code", "personbeteckning")),
    national_id("FI_PERSONAL_IDENTITY_CODE", r"\d{6}[-+A-FU-Ya-fu-y]\d{3}[A-Ya-y]", checks.finnish_code),
    national_id("SE_PERSONNUMMER", r"(?:\d\d)?\d{6}[-+]\d{4}|(?:19\d|20[01])\d{9}", checks.swedish_number),
    national_id("SE_PERSONNUMMER", r"(?:\d\d)?\d{6}[ -]?\d{4}", checks.swedish_number,
        "personnummer", "personnumret", "personnr", "pers nr", "persnr", "pnr", "personal identity",
        "personal number", "person number", "samordningsnummer"),
    national_id("DK_CPR", r"\d\d[ .-]?\d\d[ .-]?\d\d[ -]{0,3}\d{4}", checks.danish_cpr,
        "cpr", "cprnr", "cprnummer", "civil registration"),
    national_id("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d|\d{9}-\d\d", checks.brazilian_cpf),
    national_id("BR_CPF", grouped(11), checks.brazilian_cpf, "cpf", "cadastro de pessoa"),
    national_id("BE_NRN", r"\d\d([. ]?)\d\d\1\d\d[ .-]?\d{3}[ .-]?\d\d", checks.belgian_number,
        known_as=("rijksregister", "registre national", "national number", "nationaal nummer",
                  "numéro national", "numero national", "niss", "insz", "rrn")),
    national_id("CH_AHV", r"756([. ]?)\d{4}\1\d{4}\1\d\d", checks.swiss_ahv),
    national_id("CH_AHV", grouped(13, "7"), checks.swiss_ahv, "ahv", "avs", "versichertennummer"),
    national_id("PT_NIF", grouped(9, "[1-9]"), checks.portuguese_nif,
        "nif", "contribuinte", "número fiscal", "numero fiscal", "identificação fiscal", "n.º fiscal"),
    national_id("IE_PPS", r"\d{7}[A-Wa-w][A-IT-Xa-it-x]?", checks.irish_pps),
    national_id("IE_PPS", r"\d{7}[ -]?[A-Wa-w][A-IT-Xa-it-x]?", checks.irish_pps,
        "pps", "ppsn", "personal public service"),
    national_id("ZA_ID", r"\d{13}|\d{6} \d{4} \d\d ?\d", checks.south_african_id),
    national_id("KR_RRN", r"\d{6}-[1-8]\d{6}", checks.korean_rrn),
    national_id("KR_RRN", r"\d{6}[1-4]\d{6}", checks.korean_rrn_with_check),
    national_id("KR_RRN", r"\d{6}[ -]?[1-8]\d{6}", checks.korean_rrn,
        "주민", "jumin", "외국인등록", "rrn", "resident registration", "resident reg"),
    national_id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{10}", checks.chinese_id),
    national_id("CN_ID", r"[1-9]\d{5}(?:19|20)\d{9}[Xx]", checks.chinese_id),
    national_id("MX_CURP", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d|[a-z]{4}\d{6}[hmx][a-z]{5}[0-9a-z]\d",
        checks.mexican_curp),
    national_id("ZA_ID", grouped(13), checks.south_african_id,
        "id number", "id no", "identity number", "identity no", "rsa id", "sa id", "south african",
        "id nommer", "identiteitsnommer", "id book", "national id"),
    national_id("PASSPORT", r"(?=(?:[A-Za-z0-9]{0,3}?\d){4})[A-Za-z0-9]{7,10}", unchecked,
        "passport", "reisepass", "passeport", "pasaporte", "paspoort", "passaporto"),
    national_id("US_DRIVER_LICENSE", r"(?=[A-Za-z]{0,2}\d{4})[A-Za-z]{0,2}\d[\d-]{5,13}\d", unchecked,
        "driver license", "driver's license", "drivers license", "driving licence",
        "driver licence", "driver's licence", "license number", "licence number"),
)  # fmt: skip
