"""Check digits of national identification numbers outside western Europe, North America and Australia.

Each function takes a number without separators, in upper case, and of the right length. Where the number
begins with a date of birth, that is verified too.
"""

from collections.abc import Sequence
from datetime import date

from genai.safety.checksums import luhn


def _sum(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _two_digit_date(year: str, month: int, day: int) -> bool:
    """Of any century, because 29 February is a day in one of them."""
    return _is_date(2000 + int(year), month, day)


def turkish_number(number: str) -> bool:
    odd, even = sum(map(int, number[0:9:2])), sum(map(int, number[1:8:2]))
    tenth, last = (odd * 7 - even) % 10, sum(map(int, number[:10])) % 10
    return number[0] != "0" and number[9:] == f"{tenth}{last}"


def romanian_cnp(number: str) -> bool:
    born = _two_digit_date(number[1:3], int(number[3:5]), int(number[5:7]))
    check = _sum(number[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return number[0] != "0" and born and (1 if check == 10 else check) == int(number[12])


def czech_birth_number(number: str) -> bool:
    """Also of Slovakia. Numbers of nine digits, from before 1954, have no check digit."""
    month = int(number[2:4]) % 50
    born = _two_digit_date(number[:2], month - 20 if month > 20 else month, int(number[4:6]))
    check = int(number[:9]) % 11 % 10
    return born and (len(number) == 9 or check == int(number[9]))


def bulgarian_egn(number: str) -> bool:
    month = int(number[2:4])
    century = 40 if month > 40 else 20 if month > 20 else 0
    born = _two_digit_date(number[:2], month - century, int(number[4:6]))
    return born and _sum(number[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(number[9])


def greek_amka(number: str) -> bool:
    return _two_digit_date(number[4:6], int(number[2:4]), int(number[:2])) and luhn(number)


def greek_afm(number: str) -> bool:
    weights = (256, 128, 64, 32, 16, 8, 4, 2)
    return int(number) > 0 and _sum(number[:8], weights) % 11 % 10 == int(number[8])


def croatian_oib(number: str) -> bool:
    check = 10
    for digit in number[:10]:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return (11 - check) % 10 == int(number[10])


def baltic_number(number: str) -> bool:
    """Of Estonia and Lithuania."""
    check = _sum(number[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = _sum(number[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    born = _two_digit_date(number[1:3], int(number[3:5]), int(number[5:7]))
    return number[0] in "123456" and born and check == int(number[10])


def latvian_number(number: str) -> bool:
    """Those given out since 2017 begin with 32 and are not verified further."""
    if number[:2] == "32":
        return True
    check = (1101 - _sum(number[:10], (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11 % 10
    born = _two_digit_date(number[4:6], int(number[2:4]), int(number[:2]))
    return born and check == int(number[10])


def icelandic_number(number: str) -> bool:
    check = -_sum(number[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    born = _two_digit_date(number[4:6], int(number[2:4]), int(number[:2]) % 40)
    return born and number[9] in "890" and check == int(number[8])


def yugoslav_number(number: str) -> bool:
    """Of Serbia, Slovenia and their neighbours."""
    check = -_sum(number[:12], (7, 6, 5, 4, 3, 2) * 2) % 11
    born = _is_date(2000 + int(number[5:7]), int(number[2:4]), int(number[:2]))
    return born and number[4] in "09" and check % 10 == int(number[12])


def hungarian_taj(number: str) -> bool:
    return _sum(number[:8], (3, 7) * 4) % 10 == int(number[8])


def hungarian_tax_number(number: str) -> bool:
    return number[0] == "8" and _sum(number[:9], range(1, 10)) % 11 == int(number[9])


def austrian_number(number: str) -> bool:
    weights = (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)
    month = int(number[6:8])
    born = 1 <= int(number[4:6]) <= 31 and 1 <= month <= 15
    return number[0] != "0" and born and _sum(number, weights) % 11 == int(number[3])


def german_pension_number(number: str) -> bool:
    letter = f"{ord(number[8]) - 64:02}"
    digits = number[:8] + letter + number[9:11]
    weighted = (
        int(d) * w for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    check = sum(sum(divmod(value, 10)) for value in weighted) % 10
    return 1 <= int(number[4:6]) <= 12 and check == int(number[11])


def russian_snils(number: str) -> bool:
    check = _sum(number[:9], range(9, 0, -1)) % 101 % 100
    return int(number[:9]) > 1001998 and check == int(number[9:])


def russian_inn(number: str) -> bool:
    eleventh = _sum(number[:10], (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    twelfth = _sum(number[:11], (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return number[10:] == f"{eleventh}{twelfth}"


def ukrainian_number(number: str) -> bool:
    return _sum(number[:9], (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(number[9])


def kazakh_iin(number: str) -> bool:
    check = _sum(number[:11], range(1, 12)) % 11
    if check == 10:
        check = _sum(number[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    born = _two_digit_date(number[:2], int(number[2:4]), int(number[4:6]))
    return born and check == int(number[11])


def chilean_rut(number: str) -> bool:
    total = sum(int(d) * (2 + at % 6) for at, d in enumerate(reversed(number[:-1])))
    return "0123456789K0"[-total % 11] == number[-1]


def argentine_cuil(number: str) -> bool:
    check = -_sum(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number[:2] in ("20", "23", "24", "25", "26", "27") and min(check, 9) == int(number[10])


def ecuadorian_cedula(number: str) -> bool:
    return int(number[:2]) <= 30 and int(number[2]) < 6 and luhn(number)


def mexican_rfc(number: str) -> bool:
    return _two_digit_date(number[4:6], int(number[6:8]), int(number[8:10]))


def thai_number(number: str) -> bool:
    check = (11 - _sum(number[:12], range(13, 1, -1)) % 11) % 10
    return number[0] != "0" and check == int(number[12])


def malaysian_number(number: str) -> bool:
    born = _two_digit_date(number[:2], int(number[2:4]), int(number[4:6]))
    return born and number[6:8] not in ("00", "17", "18", "19", "20")


def indonesian_nik(number: str) -> bool:
    day = int(number[6:8])
    born = _two_digit_date(number[10:12], int(number[8:10]), day - 40 if day > 40 else day)
    return born and number[0] != "0" and number[12:] != "0000"


def japanese_number(number: str) -> bool:
    rest = _sum(number[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest < 2 else 11 - rest) == int(number[11])


_TAIWANESE_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def taiwanese_number(number: str) -> bool:
    code = _TAIWANESE_LETTERS.index(number[0]) + 10
    digits = f"{code}{number[1:]}"
    return _sum(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def hong_kong_number(number: str) -> bool:
    letters = number[:-7].rjust(2)
    values = [36 if c == " " else ord(c) - 55 for c in letters] + list(map(int, number[-7:-1]))
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return "0123456789A"[-total % 11] == number[-1]


def israeli_number(number: str) -> bool:
    return int(number) > 0 and luhn(number)


def emirates_id(number: str) -> bool:
    return 1900 < int(number[3:7]) < 2100 and luhn(number)


def saudi_number(number: str) -> bool:
    return number[0] in "12" and luhn(number)


def iranian_number(number: str) -> bool:
    rest = _sum(number[:9], range(10, 1, -1)) % 11
    return len(set(number)) > 1 and (rest if rest < 2 else 11 - rest) == int(number[9])


def egyptian_number(number: str) -> bool:
    born = _two_digit_date(number[1:3], int(number[3:5]), int(number[5:7]))
    return number[0] in "23" and born


def new_zealand_ird(number: str) -> bool:
    digits = number.zfill(9)
    check = -_sum(digits[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if check == 10:
        check = -_sum(digits[:8], (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return 10_000_000 < int(number) < 150_000_000 and check == int(digits[8])
