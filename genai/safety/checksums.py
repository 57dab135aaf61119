"""Check digits of numbers that identify people and their money."""

import hashlib
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANTS = (1, 0x2BC830A3)

IBAN_LENGTHS = {
    country: int(length)
    for country, length in (
        entry.split(":")
        for entry in [
            "AD:24",
            "AE:23",
            "AL:28",
            "AT:20",
            "AZ:28",
            "BA:20",
            "BE:16",
            "BG:22",
            "BH:22",
            "BI:27",
            "BR:29",
            "BY:28",
            "CH:21",
            "CR:22",
            "CY:28",
            "CZ:24",
            "DE:22",
            "DJ:27",
            "DK:18",
            "DO:28",
            "EE:20",
            "EG:29",
            "ES:24",
            "FI:18",
            "FK:18",
            "FO:18",
            "FR:27",
            "GB:22",
            "GE:22",
            "GI:23",
            "GL:18",
            "GR:27",
            "GT:28",
            "HN:28",
            "HR:21",
            "HU:28",
            "IE:22",
            "IL:23",
            "IQ:23",
            "IS:26",
            "IT:27",
            "JO:30",
            "KW:30",
            "KZ:20",
            "LB:28",
            "LC:32",
            "LI:21",
            "LT:20",
            "LU:20",
            "LV:21",
            "LY:25",
            "MC:27",
            "MD:24",
            "ME:22",
            "MK:19",
            "MN:20",
            "MR:27",
            "MT:31",
            "MU:30",
            "NI:28",
            "NL:18",
            "NO:15",
            "OM:23",
            "PK:24",
            "PL:28",
            "PS:29",
            "PT:25",
            "QA:29",
            "RO:24",
            "RS:22",
            "RU:33",
            "SA:24",
            "SC:31",
            "SD:18",
            "SE:24",
            "SI:19",
            "SK:24",
            "SM:27",
            "SO:23",
            "ST:25",
            "SV:28",
            "TL:23",
            "TN:24",
            "TR:26",
            "UA:29",
            "VA:22",
            "VG:24",
            "XK:20",
            "YE:30",
        ]
    )
}
"""Length of an IBAN by country, from the registry of ISO 13616."""


def luhn(digits: str) -> bool:
    """Whether the check digit of a payment card is right."""
    total = sum(map(int, digits[-1::-2]))
    for digit in digits[-2::-2]:
        total += sum(divmod(int(digit) * 2, 10))
    return total % 10 == 0


def mod97(iban: str) -> bool:
    """Whether the check digits of an IBAN are right; upper case, without spaces."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def card_network(digits: str) -> bool:
    """Whether a payment network issues numbers with this prefix and length."""
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    length = len(digits)
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((300 <= three <= 305 or two in (36, 38, 39)) and 14 <= length <= 19)
        or (four in (2131, 1800) and length == 15)
        or ((four == 6011 or two in (35, 62, 64, 65)) and 16 <= length <= 19)
        or (four == 604 and length == 12)
        or ((two in (50, 56, 57, 58, 63, 67)) and 12 <= length <= 19)
        or ((two in (60, 81, 82)) and length == 16)
        or (2200 <= four <= 2204 and 16 <= length <= 19)
    )


def begins_card(digits: str) -> bool:
    """Whether one of the large networks issues numbers with this prefix."""
    two, four = int(digits[:2]), int(digits[:4])
    return (
        digits[0] == "4"
        or 51 <= two <= 55
        or 2221 <= four <= 2720
        or two in (34, 35, 37, 62, 64, 65)
        or four == 6011
    )


def ssn(digits: str) -> bool:
    """Whether the social security administration of the US could have issued the number."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def ipv6(text: str) -> bool:
    """Any IPv6 address but the unspecified one (``::``), which has other meanings in many languages."""
    try:
        return int(IPv6Address(text)) != 0
    except AddressValueError:
        return False


def base58check(text: str) -> bool:
    """A legacy Bitcoin address."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    raw = number.to_bytes(32, "big")[-25:]
    return double_sha256(raw[:21])[:4] == raw[21:]


def double_sha256(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def bech32(text: str) -> bool:
    """A SegWit Bitcoin address, witness version 0 or later."""
    prefix, _, data = text.lower().rpartition("1")
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    values += [_BECH32.index(c) for c in data]
    return bech32_polymod(values) in _BECH32_CONSTANTS


def bech32_polymod(values: Sequence[int]) -> int:
    """The polynomial checksum of BIP 173."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check
