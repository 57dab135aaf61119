"""Words, in the languages of customers, that say what the number behind them is."""

import re

OTHER_NUMBERS = (
    r"track(?:ing)?|parcels?|shipments?|sendungs?\w*|paket\w*|colis|suivi|env[ií]o|fedex|usps|ups|dhl|awb"
    r"|orders?|auftrag\w*|bestell\w*|commandes?|pedidos?|ordin[ei]|zam[oó]wieni\w*|tilaus\w*"
    r"|invoices?|rechnung\w*|factur[ea]s?|fattur[ae]|faktur[ay]?|re(?:f|ference|ferenz|férence|ferencia)s?"
    r"|tickets?|cases?|serial|imei|isbn|ean|gtin|upc|barcode|sku|batch|products?|produkt\w*|articles?"
    r"|artikel\w*|items?|vouchers?|coupons?|meters?|zähler\w*|transactions?|transfers?|txn|trx"
    r"|contracts?|vertrag\w*|contrats?"
)
"""Of numbers that belong to things."""

_SAID_BEFORE = re.compile(
    r"\b(?:(?P<people>tax|steuer\w*|idnr|ids?|identi\w+|national\w*|person\w*|social|insur\w+|sécu\w*|nir|insee"
    r"|ahv|avs|aadha?ar|uidai|citizen\w*|resident\w*)|(?P<things>" + OTHER_NUMBERS + r"))\b",
    re.IGNORECASE,
)


_NUMBERED = re.compile(r"\d[^\W_]{0,9}(?:[^\w\n]{0,4}[^\W\d_]{2}|\s?[;:])")


def has_its_number(between: str) -> bool:
    """Whether a thing has got its number before the text goes on: "order 4471-3; my new card ..."."""
    return bool(_NUMBERED.search(between))


def names_thing(before: str) -> bool:
    """Whether the last word of the line that tells says that a thing's number follows."""
    line = before.rpartition("\n")[2]
    telling = [*_SAID_BEFORE.finditer(line)][-1:]
    of_thing = bool(telling) and telling[0].lastgroup == "things"
    return of_thing and not has_its_number(line[telling[0].end() :])


_PHONES = re.compile(
    r"(?:tel[eé]?f[oó]n|telefo|t[eé]l[eé]ph|telepon|tel[eé]m|puhelin|matkapuh|mobi[le]|m[oó]vil|handy|cel+ul|whatsapp"
    r"|phone)\w*|t[eé]ls?|tlf|tfno|mob|cel|cells?|fax\w*|call(?:s|ed|ing)?|dial(?:led|ed)?|desk|landline"
    r"|hotline|helpline|sms|reach|contacts?|answering|messages?|text(?:ed)?|portable|rufnummer|gsm"
    r"|ring|kontakt|ponsel|hp|cep|komórk\w+|appel\w*|anruf\w*|rufen|llam\w+|chiam\w+"
    r"|телефон\w*|тел|моб\w*|τηλ\w*|κινητό|هاتف|جوال|טלפון|נייד|फ़ोन|फोन|मोबाइल|điện|โทร\w*"
)
_PHONES_UNSPACED = ("电话", "電話", "手机", "手機", "携帯", "전화", "휴대")


def names_phone(word: str) -> bool:
    """Whether the word, in small letters, says that the number is a telephone's."""
    if _PHONES.fullmatch(word):
        return True
    return not word.isascii() and any(name in word for name in _PHONES_UNSPACED)
