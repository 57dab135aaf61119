"""Texts that occur beside names: amounts, dates, numbers, IP addresses."""

import random
from collections.abc import Callable

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _words(text: str) -> list[str]:
    return text.split()


_MONTHS = _words(
    "January February March April May June July August September October November December"
)
_WEEKDAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday weekend week")


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _amount(rng: random.Random) -> str:
    number = rng.choice((f"{rng.randint(1, 999)}", f"{rng.randint(1, 99)},{_digits(rng, 3)}"))
    number += rng.choice(("", f".{_digits(rng, 2)}"))
    sign = rng.choice("€$£")
    code = rng.choice(("EUR", "USD", "GBP", "CHF", "kr", "euros", "dollars", "pounds"))
    return rng.choice(
        (f"{sign}{number}", f"{number} {code}", f"{code} {number}", f"{number}{sign}")
    )


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2029)
    return rng.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{day}/{month}/{year}",
            f"{day:02}.{month:02}.{year}",
            f"{day} {_MONTHS[month - 1]} {year}",
            f"{_MONTHS[month - 1]} {day}",
            f"{_MONTHS[month - 1]} {day}, {year}",
            f"{day}th of {_MONTHS[month - 1]}",
        )
    )


def _number(rng: random.Random) -> str:
    count = rng.randint(4, 12)
    prefix = rng.choice(("", "", "INV-", "REF ", "#", "ORD/", "2024-", "T-"))
    return prefix + _digits(rng, count)


def _phone(rng: random.Random) -> str:
    return rng.choice(
        (
            f"+{rng.randint(1, 99)} {_digits(rng, 2)} {_digits(rng, 3)} {_digits(rng, 4)}",
            f"({_digits(rng, 3)}) {_digits(rng, 3)}-{_digits(rng, 4)}",
            f"{_digits(rng, 3)}-{_digits(rng, 3)}-{_digits(rng, 4)}",
            f"0{_digits(rng, 9)}",
        )
    )


def _handle(rng: random.Random) -> str:
    return "".join(rng.choices(_LETTERS, k=rng.randint(4, 10))) + rng.choice(("", _digits(rng, 2)))


def _email(rng: random.Random) -> str:
    host = rng.choice(("example.com", "mail.example", "bank.test", "example.org"))
    return f"{_handle(rng)}@{host}"


def _card(rng: random.Random) -> str:
    return rng.choice(("", " ", "-")).join(_digits(rng, 4) for _ in range(4))


def _iban(rng: random.Random) -> str:
    return rng.choice(("DE", "GB", "FR", "NL")) + _digits(rng, 20)


FILLERS: dict[str, Callable[[random.Random], str]] = {
    "amount": _amount,
    "date": _date,
    "number": _number,
    "phone": _phone,
    "email": _email,
    "handle": _handle,
    "card": _card,
    "iban": _iban,
    "age": lambda rng: str(rng.randint(1, 99)),
    "count": lambda rng: str(rng.randint(1, 60)),
    "year": lambda rng: str(rng.randint(1850, 2029)),
    "percent": lambda rng: f"{rng.randint(0, 19)}.{rng.randint(0, 99)} %",
    "time": lambda rng: f"{rng.randint(0, 23)}:{rng.randint(0, 59):02}",
    "weekday": lambda rng: rng.choice(_WEEKDAYS),
    "month": lambda rng: rng.choice(_MONTHS),
}
