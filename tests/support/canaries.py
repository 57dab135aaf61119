"""Made-up personal data, and the search for it in everything a service wrote."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PERSONAL: Mapping[str, str] = {
    "card": "4539 1488 0343 6467",
    "iban": "DE89 3704 0044 0532 0130 00",
    "email": "quilla.marsh@canary-bird.example",
    "phone": "+44 20 7946 0958",
    "ssn": "536-90-4399",
    "nino": "AB123456C",
    "ipv4": "203.0.113.77",
    "ipv6": "2001:db8:85a3::8a2e:370:7334",
    "wallet": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
}
NAME = "Jonathan Whitfield"
SECRET = "AKIAIOSFODNN7EXAMPLE"
OTHERS = "5105 1051 0510 5100"
"""Personal data that a model generates."""

SAID = f"My name is {NAME}, {', '.join(PERSONAL.values())}, key {SECRET}."
"""A message with all of it."""

EVERYTHING = (*PERSONAL.values(), SECRET, OTHERS, NAME)

_SIGNS = re.compile(r"[\s()./-]+")


def found_in(text: str, sought: Iterable[str] = EVERYTHING) -> list[str]:
    """Those that occur in the text, whatever separates their parts."""
    joined = _joined(text)
    return [one for one in sought if _joined(one) in joined]


def texts_in(folder: Path) -> str:
    """The concatenated contents of all files below the folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return "".join(path.read_bytes().decode(errors="replace") for path in files)


def _joined(text: str) -> str:
    return _SIGNS.sub("", text).casefold()
