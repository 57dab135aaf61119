"""Check digits of national identification numbers.

Each function takes a number without separators, in upper case, and of the right length.
"""

from collections.abc import Sequence
from datetime import date

from genai.safety.checksums import luhn

_NIF_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_PPS_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"
# fmt: off
_FISCAL_VALUES = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
    2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)
# fmt: on
_FISCAL_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        _FISCAL_VALUES,
        strict=True,
    )
)
_VERHOEFF_PRODUCTS = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _starts_with_day(number: str) -> bool:
    """Day, month, year: of any century, because 29 February is a day in one of them."""
    return _is_date(2000 + int(number[4:6]), int(number[2:4]), int(number[:2]))


def _starts_with_year(number: str) -> bool:
    return _is_date(2000 + int(number[:2]), int(number[2:4]), int(number[4:6]))


def nhs(number: str) -> bool:
    check = 11 - _weighted(number[:9], range(10, 1, -1)) % 11
    return check % 11 == int(number[9]) and check != 10


def german_tax_id(number: str) -> bool:
    counts = sorted(number[:10].count(digit) for digit in set(number[:10]))
    if number[0] == "0" or counts[-1] not in (2, 3) or counts[:-1] != [1] * (len(counts) - 1):
        return False
    product = 10
    for digit in number[:10]:
        product = (int(digit) + product) % 10 or 10
        product = product * 2 % 11
    return (11 - product) % 10 == int(number[10])


def french_nir(number: str) -> bool:
    body = number[:13].replace("2A", "19", 1) if "2A" in number else number[:13]
    body = body.replace("2B", "18", 1)
    if not body.isdigit() or number[0] not in "12":
        return False
    month = int(number[3:5])
    known_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return known_month and 97 - int(body) % 97 == int(number[13:])


def spanish_nif(number: str) -> bool:
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return _NIF_LETTERS[int(digits) % 23] == number[-1]


def italian_fiscal_code(number: str) -> bool:
    total = sum(_FISCAL_ODD[character] for character in number[:15:2])
    total += sum(int(c) if c.isdigit() else ord(c) - 65 for c in number[1:15:2])
    return chr(65 + total % 26) == number[15]


def dutch_bsn(number: str) -> bool:
    return int(number) > 0 and _weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def verhoeff(number: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(number)):
        turned = int(_VERHOEFF_TURNS[place % 8][int(digit)])
        check = int(_VERHOEFF_PRODUCTS[check][turned])
    return check == 0


def australian_tfn(number: str) -> bool:
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(number) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return int(number) > 0 and _weighted(number, weights) % 11 == 0


def medicare(number: str) -> bool:
    return _weighted(number, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(number[8])


def canadian_sin(number: str) -> bool:
    return number[0] != "8" and luhn(number)


def singaporean_nric(number: str) -> bool:
    shift = {"S": 0, "F": 0, "T": 4, "G": 4, "M": 3}[number[0]]
    rest = (_weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + shift) % 11
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}
    return letters.get(number[0], "XWUTRQPNMLK")[rest] == number[8]


def polish_pesel(number: str) -> bool:
    year, month, day = int(number[:2]), int(number[2:4]), int(number[4:6])
    born = _is_date(2000 + year, month % 20, day)
    return born and _weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def finnish_code(number: str) -> bool:
    """The sign of the century may be missing, because it can be a separator."""
    digits = number[:6] + number[-4:-1]
    return _starts_with_day(number) and _HETU_CHARACTERS[int(digits) % 31] == number[-1]


def swedish_number(number: str) -> bool:
    short = number.replace("+", "")[-10:]
    day = int(short[4:6])
    usual = short[:4] + f"{day - 60 if day > 60 else day:02}"
    return _starts_with_year(usual) and luhn(short)


def danish_cpr(number: str) -> bool:
    return _starts_with_day(number)


def norwegian_number(number: str) -> bool:
    day = int(number[0])
    usual = (str(day - 4) if day > 3 else number[0]) + number[1:]
    first = _weighted(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
    second = _weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    return first and second and _starts_with_day(usual)


def brazilian_cpf(number: str) -> bool:
    first = _weighted(number, range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(number, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(number)) > 1 and number[9:] == f"{first}{second}"


def belgian_number(number: str) -> bool:
    checks = {97 - int(century + number[:9]) % 97 for century in ("", "2")}
    return int(number[9:]) in checks and int(number[2:4]) <= 12 and int(number[4:6]) <= 31


def swiss_ahv(number: str) -> bool:
    return -_weighted(number[:12], (1, 3) * 6) % 10 == int(number[12])


def portuguese_nif(number: str) -> bool:
    check = 11 - _weighted(number[:8], range(9, 1, -1)) % 11
    return number[0] != "0" and (check if check < 10 else 0) == int(number[8])


def irish_pps(number: str) -> bool:
    extra = 9 * (ord(number[8]) - 64) if len(number) == 9 and number[8] <= "I" else 0
    return _PPS_LETTERS[(_weighted(number[:7], range(8, 1, -1)) + extra) % 23] == number[7]


def chinese_id(number: str) -> bool:
    born = _is_date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return born and "10X98765432"[_weighted(number[:17], weights) % 11] == number[17]


def korean_rrn(number: str) -> bool:
    return _starts_with_year(number) and number[6] in "12345678"


def korean_rrn_with_check(number: str) -> bool:
    """Those given out since October 2020 may have no check digit.

    Only people born from 1920 on, so that few timestamps in milliseconds count.
    """
    check = 11 - _weighted(number, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11
    of_age = number[6] in "34" or number[:2] >= "20"
    return of_age and korean_rrn(number) and check % 10 == int(number[12])


def south_african_id(number: str) -> bool:
    return _starts_with_year(number) and number[10] in "012" and luhn(number)


def mexican_curp(number: str) -> bool:
    return _starts_with_year(number[4:10])


def us_itin(number: str) -> bool:
    group = int(number[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99
