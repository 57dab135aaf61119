"""Random personal and financial numbers, each kind in many notations."""

import random
import re
import string
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

from genai.safety import checksums
from genai.safety import national_checksums as national

Rng = random.Random

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


_SIGNS = {"#": "0123456789", "^": "123456789", "%": "23456789", "~": "0123456789abcdef"}
_SIGN = re.compile("[#^%~]")


def filled(rng: Rng, pattern: str) -> str:
    """Fills a pattern: # is a digit, ^ a digit except 0, % a digit except 0 and 1, ~ a hexadecimal digit."""
    return _SIGN.sub(lambda sign: rng.choice(_SIGNS[sign[0]]), pattern)


def digits(rng: Rng, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def grouped(number: str, groups: Sequence[int], separator: str) -> str:
    parts, position = [], 0
    for size in groups:
        parts.append(number[position : position + size])
        position += size
    return separator.join(filter(None, [*parts, number[position:]]))


def _until(rng: Rng, make: Callable[[Rng], str], valid: Callable[[str], bool]) -> str:
    while True:
        number = make(rng)
        if valid(number):
            return number


def _luhn(body: str) -> str:
    return next(body + d for d in string.digits if checksums.luhn(body + d))


def card(rng: Rng) -> str:
    prefix, length = rng.choice(
        (("4", 16), ("4", 16), ("4", 13), (str(rng.randint(51, 55)), 16), ("2223", 16), ("34", 15),
         ("37", 15), ("6011", 16), ("65", 16), ("3528", 16), ("36", 14), ("305", 14), ("6759", 16),
         ("5018", 16), ("62", 16), ("2131", 15))
    )  # fmt: skip
    number = _luhn(prefix + digits(rng, length - len(prefix) - 1))
    if length == 15:
        groups: tuple[int, ...] = (4, 6, 5)
    elif length == 14:
        groups = (4, 6, 4)
    else:
        groups = (4, 4, 4, 4)
    plain = length == 13 or rng.random() < 0.4
    return number if plain else grouped(number, groups, rng.choice((" ", "-", " ", "-", "\u00a0")))


def iban(rng: Rng) -> str:
    country = rng.choice(sorted(checksums.IBAN_LENGTHS))
    length = checksums.IBAN_LENGTHS[country]
    if country in ("GB", "NL", "MT", "IE"):
        body = "".join(rng.choices(string.ascii_uppercase, k=4)) + digits(rng, length - 8)
    else:
        body = digits(rng, length - 4)
    check = next(f"{n:02}" for n in range(2, 99) if checksums.mod97(country + f"{n:02}" + body))
    number = country + check + body
    style = rng.random()
    if style < 0.4:
        return grouped(number, (4,) * (length // 4), " ")
    if style < 0.5:
        return grouped(number, (4,) * (length // 4), "-")
    return number.lower() if style < 0.6 else number


def ssn(rng: Rng) -> str:
    number = _until(rng, lambda r: digits(r, 9), checksums.ssn)
    return grouped(number, (3, 2, 4), rng.choice(("-", "-", "-", " ")))


def email(rng: Rng) -> str:
    def word(low: int, high: int) -> str:
        return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(low, high)))

    local = rng.choice((word(3, 9), f"{word(2, 7)}.{word(3, 9)}", f"{word(1, 2)}_{word(4, 9)}",
                        f"{word(3, 8)}+{word(2, 5)}", f"{word(3, 8)}{rng.randint(1, 99)}",
                        f"{word(3, 6)}-{word(3, 6)}", word(4, 8).upper()))  # fmt: skip
    host = rng.choice((word(3, 10), f"{word(3, 6)}-{word(3, 6)}", f"mail.{word(4, 8)}",
                       f"{word(2, 4)}.{word(4, 8)}", f"{word(3, 6)}{rng.randint(1, 99)}"))  # fmt: skip
    top = rng.choice(
        ("com", "org", "net", "de", "co.uk", "fr", "io", "bank", "com.au", "info", "museum")
    )
    return f"{local}@{host}.{top}"


def ipv4(rng: Rng) -> str:
    return str(IPv4Address(rng.randint(0x01000000, 0xDFFFFFFF)))


def ipv6(rng: Rng) -> str:
    address = IPv6Address((0x2001 << 112) | rng.getrandbits(rng.choice((24, 64, 112))))
    return rng.choice(
        (address.compressed, address.compressed, address.exploded, str(address).upper())
    )


_PHONES = (
    "(%##) %##-####", "%##-%##-####", "%##.%##.####", "+1 %## %## ####", "+1-%##-%##-####",
    "1-%##-%##-####", "+1 (%##) %##-####", "+1%##%######", "%## %## ####", "(%##)%##-####",
    "%##-%##-#### ext. ###", "%##-%##-####x####", "+44 20 ^### ####", "+44 (0)20 ^### ####",
    "020 ^### ####", "07^## ######", "07^## ### ###", "+447#########", "(0^##) ######",
    "+49 ^# #######", "+49 30 #### ####", "0^# ########", "0^##-#######", "+49-^##-#######",
    "0^##/######", "+33 ^ ## ## ## ##", "0^ ## ## ## ##", "0^.##.##.##.##", "+34 6## ### ###",
    "6## ## ## ##", "+39 3## #######", "+31 6 ########", "06-########", "+46 70-### ## ##",
    "0046 70 ### ## ##", "+91 9#### #####", "+91-9#########", "+61 4## ### ###", "04## ### ###",
    "(02) ^### ####", "+86 1## #### ####", "+81 3-####-####", "+55 11 9####-####",
    "+971 50 ### ####", "+41 44 ### ## ##", "+353 1 ### ####",
)  # fmt: skip


def phone(rng: Rng) -> str:
    return filled(rng, rng.choice(_PHONES))


def wallet(rng: Rng) -> str:
    kind = rng.random()
    if kind < 0.4:
        return "0x" + "".join(rng.choices("0123456789abcdefABCDEF", k=40))
    if kind < 0.7:
        raw = bytes((rng.choice((0, 5)),)) + rng.randbytes(20)
        return _base58(raw + checksums.double_sha256(raw)[:4])
    return _bech32(rng)


def _base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def _bech32(rng: Rng) -> str:
    characters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    body = "bc1q" + "".join(rng.choices(characters, k=32))
    values = [3, 3, 0, 2, 3, *map(characters.index, body[3:]), *[0] * 6]
    check = checksums.bech32_polymod(values) ^ 1
    return body + "".join(characters[check >> 5 * (5 - i) & 31] for i in range(6))


def _born(rng: Rng, order: str) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(40, 99)
    parts = {"d": f"{day:02}", "m": f"{month:02}", "y": f"{year:02}", "Y": f"19{year:02}"}
    return "".join(parts[letter] for letter in order)


def _letter(rng: Rng) -> str:
    return rng.choice(string.ascii_uppercase)


def nino(rng: Rng) -> str:
    first, second = rng.choice("ABCEHJLMPRSTWXY"), rng.choice("ABCEHJLMPRSTWXYZ")
    prefix = "AB" if first + second in ("ZZ",) else first + second
    number = f"{prefix}{digits(rng, 6)}{rng.choice('ABCD')}"
    return grouped(number, (2, 2, 2, 2, 1), rng.choice(("", "", " ", " ", "-")))


def nhs(rng: Rng) -> str:
    number = _until(rng, lambda r: digits(r, 10), national.nhs)
    return grouped(number, (3, 3, 4), rng.choice((" ", "", "-")))


def german_tax_id(rng: Rng) -> str:
    number = _until(rng, _tax_id_digits, national.german_tax_id)
    return grouped(number, (2, 3, 3, 3), rng.choice((" ", "")))


def _tax_id_digits(rng: Rng) -> str:
    body = rng.sample(string.digits, 9)
    body.insert(rng.randrange(10), rng.choice(body))
    return "".join(body) + rng.choice(string.digits)


def nir(rng: Rng) -> str:
    body = rng.choice("12") + f"{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 95):02}"
    body += f"{rng.randint(1, 989):03}{rng.randint(1, 999):03}"
    number = body + f"{97 - int(body) % 97:02}"
    return grouped(number, (1, 2, 2, 2, 3, 3, 2), rng.choice((" ", " ", "")))


def nif(rng: Rng) -> str:
    number = digits(rng, 8)
    return number + rng.choice(("", "-")) + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def nie(rng: Rng) -> str:
    first, number = rng.choice("XYZ"), digits(rng, 7)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".index(first)) + number) % 23]
    dash = rng.choice(("", "-"))
    return f"{first}{dash}{number}{dash}{letter}"


def fiscal_code(rng: Rng) -> str:
    def make(r: Rng) -> str:
        letters = "".join(r.choices("BCDFGLMNPRSTVZ", k=6))
        place = f"{_letter(r)}{digits(r, 3)}"
        day = f"{r.randint(1, 28):02}"
        return f"{letters}{r.randint(40, 99)}{r.choice('ABCDEHLMPRST')}{day}{place}{_letter(r)}"

    return _until(rng, make, national.italian_fiscal_code)


def bsn(rng: Rng) -> str:
    number = _until(rng, lambda r: digits(r, 9), national.dutch_bsn)
    return rng.choice((number, number, grouped(number, (4, 2, 3), ".")))


def pan(rng: Rng) -> str:
    letters = "".join(rng.choices(string.ascii_uppercase, k=3))
    return f"{letters}{rng.choice('PCHFAT')}{_letter(rng)}{digits(rng, 4)}{_letter(rng)}"


def aadhaar(rng: Rng) -> str:
    number = _until(rng, lambda r: r.choice("23456789") + digits(r, 11), national.verhoeff)
    return grouped(number, (4, 4, 4), rng.choice((" ", " ", "-", "")))


def tfn(rng: Rng) -> str:
    number = _until(rng, lambda r: digits(r, 9), national.australian_tfn)
    return grouped(number, (3, 3, 3), rng.choice((" ", "", "-")))


def sin(rng: Rng) -> str:
    number = _luhn(rng.choice("1234567") + digits(rng, 7))
    return grouped(number, (3, 3, 3), rng.choice((" ", "-", "")))


def nric(rng: Rng) -> str:
    def make(r: Rng) -> str:
        return r.choice("STFG") + digits(r, 7) + _letter(r)

    return _until(rng, make, national.singaporean_nric)


def pesel(rng: Rng) -> str:
    return _until(rng, lambda r: _born(r, "ymd") + digits(r, 5), national.polish_pesel)


def hetu(rng: Rng) -> str:
    def make(r: Rng) -> str:
        return f"{_born(r, 'dmy')}-{digits(r, 3)}{r.choice('0123456789ABCDEFHJKLMNPRSTUVWXY')}"

    return _until(rng, make, lambda number: national.finnish_code(number.replace("-", "")))


def personnummer(rng: Rng) -> str:
    number = _luhn(_born(rng, "ymd") + digits(rng, 3))
    return rng.choice(("", "19")) + f"{number[:6]}-{number[6:]}"


def fnr(rng: Rng) -> str:
    number = _until(rng, lambda r: _born(r, "dmy") + digits(r, 5), national.norwegian_number)
    return grouped(number, (6, 5), rng.choice(("", " ")))


def cpf(rng: Rng) -> str:
    number = _until(rng, lambda r: digits(r, 11), national.brazilian_cpf)
    return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"


def nrn(rng: Rng) -> str:
    body = _born(rng, "ymd") + digits(rng, 3)
    check = f"{97 - int(body) % 97:02}"
    return f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check}"


def ahv(rng: Rng) -> str:
    number = _until(rng, lambda r: "756" + digits(r, 10), national.swiss_ahv)
    return grouped(number, (3, 4, 4, 2), rng.choice((".", ".", "")))


def pps(rng: Rng) -> str:
    return _until(
        rng, lambda r: digits(r, 7) + r.choice("ABCDEFGHIJKLMNOPQRSTUVW"), national.irish_pps
    )


NUMBERS: dict[str, tuple[Callable[[Rng], str], tuple[str, ...]]] = {
    "CREDIT_CARD": (card, ("card", "credit card number", "Visa")),
    "IBAN_CODE": (iban, ("IBAN", "account", "bank account")),
    "US_SSN": (ssn, ("SSN", "social security number")),
    "EMAIL_ADDRESS": (email, ("e-mail", "email address", "contact")),
    "PHONE_NUMBER": (phone, ("phone", "mobile number", "telephone", "tel.")),
    "IP_ADDRESS": (lambda rng: rng.choice((ipv4, ipv6))(rng), ("IP", "address", "host")),
    "CRYPTO": (wallet, ("wallet", "BTC address", "ETH address")),
    "UK_NINO": (nino, ("NI number", "national insurance number")),
    "UK_NHS": (nhs, ("NHS number", "NHS no.")),
    "DE_TAX_ID": (german_tax_id, ("Steuer-ID", "tax id", "IdNr.")),
    "FR_NIR": (nir, ("numéro de sécurité sociale", "NIR")),
    "ES_NIF": (nif, ("DNI", "NIF")),
    "ES_NIE": (nie, ("NIE", "foreigner number")),
    "IT_FISCAL_CODE": (fiscal_code, ("codice fiscale", "tax code")),
    "NL_BSN": (bsn, ("BSN", "burgerservicenummer")),
    "IN_PAN": (pan, ("PAN", "PAN card")),
    "IN_AADHAAR": (aadhaar, ("Aadhaar", "Aadhaar number")),
    "AU_TFN": (tfn, ("TFN", "tax file number")),
    "CA_SIN": (sin, ("SIN", "social insurance number")),
    "SG_NRIC_FIN": (nric, ("NRIC", "FIN")),
    "PL_PESEL": (pesel, ("PESEL", "numer PESEL")),
    "FI_PERSONAL_IDENTITY_CODE": (hetu, ("henkilötunnus", "personal identity code")),
    "SE_PERSONNUMMER": (personnummer, ("personnummer", "personal number")),
    "NO_FNR": (fnr, ("fødselsnummer", "national id")),
    "BR_CPF": (cpf, ("CPF",)),
    "BE_NRN": (nrn, ("rijksregisternummer", "national number")),
    "CH_AHV": (ahv, ("AHV", "AVS number")),
    "IE_PPS": (pps, ("PPS number", "PPSN")),
}
"""By entity: a generator, and the names that people use for it."""
