"""Words in several languages that name the kind of the number after them."""

import re

OTHER_NUMBERS = (
    r"track(?:ing)?|parcels?|shipments?|sendungs?\w*|paket\w*|colis|suivi|env[ií]o|seguimiento|rastre\w+|spedizion\w*|przesyłk\w*|zending\w*|verzend\w*|fedex|usps|ups|dhl|awb"
    r"|orders?(?! to\b)"
    r"|auftrag\w*|bestell\w*|commandes?|pedidos?|ordin[ei]|zam[oó]wieni\w*|tilaus\w*"
    r"|invoices?|rechnung\w*|factur[ea]s?|fattur[ae]|faktur[ay]?|re(?:f|ference|ferenz|férence|ferencia)s?"
    r"|tickets?|cases?(?! (?:you|i|we|he|she|they|it|of|that)\b)"
    r"|serial|imei|isbn|ean|gtin|upc|barcode|sku|batch|products?|produkt\w*|articles?"
    r"|artikel\w*|items?|vouchers?|coupons?|meters?|zähler\w*|transactions?|transfers?|txn|trx"
    r"|contracts?|vertrag\w*|contrats?|parts?|models?|modell\w*|requests?|traces?"
    r"|spans?(?:[ _-]?ids?)?|timestamps?|epoch(?:[ _-]?ms)?|ts"
    r"|events?|sessions?|jobs?|builds?|lots?|bookings?|buchung\w*|reservations?|r[eé]servations?|reserva(?:ci[oó]n|s)?|prenotazion[ei]"
    r"|confirmations?|receipts?|quotes?|utr|rma|devices?|containers?|flights?|dossiers?"
    r"|pratica|protocols?|protokoll\w*|aktenzeichen|sagsnummer|ordrenummer|vorgang\w*|referen[sz]nummer"
    r"|licen[cs]e keys?|gift codes?|promo codes?|plates?|messages?|versions?|snowflake|sscc|vin|lei"
    r"|订单号?|訂單|单号|快递|主文番号|注文番号?|주문번호|송장번호|заказ\w*|накладн\w*"
)
"""Names of numbers that identify things."""

_OF_A_PERSON = "".join(
    f"(?<!{kind}[ _-])(?<!{kind})"
    for kind in ("id", "tity", "care", "pan", "haar", "dhar", "alth", "ance", "ence")
)
"""Cards of other kinds: identity, medicare, PAN, Aadhaar, health, insurance and residence cards."""
CARDS = (
    rf"{_OF_A_PERSON}cards?|pan(?![ _-]?card)|credit|debit|visa|master ?card|maestro|amex"
    r"|karten?\w*|kart[ae]?\w{0,5}|carte|tarjeta"
    r"|kredit\w*|cart[aã]o|carta|kort\w*|карт\w*|信用卡|银行卡|卡号|卡號|カード|카드"
    r"|(?:ال)?بطاق\w*|כרטיס\w*|บัตร\w*|thẻ|kortti\w*|luottokort\w*"
)
WORD_BEGINS = r"(?-i:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
WORD_ENDS = r"(?-i:(?![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
"""Word boundaries, also within field names: orderNumber, order_number."""
_NUMBER = r"(?:nos?|numbers?|nr|num|n[°º]|codes?|ids?)"

_NAMES_BEFORE = re.compile(
    rf"{WORD_BEGINS}(?:(?P<people>tax|steuer\w*|idnr|ids?|identi\w+|national\w*|person\w*|social|insur\w+|sécu\w*|nir|insee"
    r"|ahv|avs|aadha?ar|uidai|citizen\w*|resident\w*)"
    rf"|(?P<things>(?:{OTHER_NUMBERS})(?:[ ._-]?{_NUMBER})?)){WORD_ENDS}",
    re.IGNORECASE,
)


_NUMBERED = re.compile(
    r"\d[^\W_]{0,9}(?:-[^\W_]{1,6})?"
    r"(?:[^\w\n]{1,6}[^\W\d_](?:[^\W\d_]| [^\W\d_])|[^\W\d_a-zA-Z]{2}|\s?[;:]|[.|]\s)"
)


_BESIDE = re.compile(
    rf"{WORD_BEGINS}(?:{OTHER_NUMBERS})(?:[ ._-]?{_NUMBER})?[\"']?[ :=#.\"'-]{{0,3}}\Z",
    re.IGNORECASE,
)


_WORD = re.compile(r"\w")
_SPEAKER = re.compile(r"^\W{0,3}\w{1,12}: ?")
"""Who says the line of a dialogue."""


_OTHER_KEY = re.compile(
    r"(?<![A-Za-z0-9_])[A-Za-z]{2,20}"
    r"(?:[_-][A-Za-z]{2,20}){0,2}(?:[_-](?:no|nr|num|number|id|ids|code|count|ref|ts)|(?<=[a-z])(?:No|Nr|Num|Number|Id|Code|Count))"
    r"[\"']?\s?[=:>]\s?[\"']?\Z"
)
"""A field name of a number of any kind, directly before its value: "customer_no": """


def is_other_key(text: str, floor: int, start: int) -> bool:
    """Whether the name of a field that begins after ``floor`` stands directly before this position."""
    return bool(_OTHER_KEY.search(text, max(floor, start - 60), start))


_CARD = re.compile(rf"{WORD_BEGINS}(?:{CARDS}){WORD_ENDS}", re.IGNORECASE)


def names_card(words: str) -> bool:
    return bool(_CARD.search(words))


def names_thing_beside(before: str) -> bool:
    """Whether the word directly before names the number of a thing: "part no. AB123456C"."""
    return bool(_BESIDE.search(before))


def has_its_number(between: str) -> bool:
    """Whether the number of a thing is in this text after its name: "order 4471-3; my new card ..."."""
    return bool(_NUMBERED.search(between))


_OTHER_LINE = re.compile(
    r"\d(?:[ ().-]{0,2}\d){6}[^\n]*\n(?=[^\n\d]*[^\W\d_]{3}[^\w\n]{1,3}[^\W\d_]{3}[^\n]*\Z)"
)


def without_other_lines(before: str) -> str:
    """Without the lines before the last that has words, if a number is in one of them already."""
    found = [*_OTHER_LINE.finditer(before)][-1:]
    return before[found[0].end() :] if found else before


def names_thing(before: str) -> bool:
    """Whether the last name in the line announces the number of a thing.

    If the line has no words, the line above counts.
    """
    above, _, line = before.rpartition("\n")
    last = [*_NAMES_BEFORE.finditer(line)][-1:]
    if not last and not _WORD.search(_SPEAKER.sub("", line)):
        line = above.rstrip().rpartition("\n")[2]
        last = [*_NAMES_BEFORE.finditer(line)][-1:]
    of_thing = bool(last) and last[0].lastgroup == "things"
    return of_thing and not has_its_number(line[last[0].end() :])


_PHONES = re.compile(
    r"(?:tel[eé]?f[oó]n|telefo|t[eé]l[eé]ph|telepon|tel[eé]m|puhelin|matkapuh|mobi[le]|m[oó]vil|handy|cel+ul|whatsapp"
    r"|phone)\w*|ph|t[eé]ls?|tlf|tfno|mob|cel|cells?|fax\w*|call(?:s|ed|ing)?|dial(?:led|ed)?|desk|landline"
    r"|hotline|helpline|sms|reach|contacts?|answering|messages?|text(?:ed)?|portable|rufnummer|gsm"
    r"|joindre|joignable\w*|erreich\w*|soita\w*|numeroon|ring(?:e|er|a)?|bereik\w*|bellen|lig(?:a|ar|ue|uem)"
    r"|zadzwo\w+|dzwoni\w+|zavol\w+|volejte|hívj\w+|suna[tț]\w*|aray\w+|gọi|cuộc|позвон\w+|звони\w*|наберит\w+"
    r"|اتصل\w*|الهاتف|התקשר\w*|kontakt|ponsel|hp|cep|komórk\w+|appel\w*|anruf\w*|rufen|ll[aá]m\w+|bel|chiam\w+"
    r"|телефон\w*|тел|моб\w*|τηλ\w*|κινητό|هاتف|جوال|טלפון|נייד|फ़ोन|फोन|मोबाइल|điện|โทร\w*"
)
_PHONES_UNSPACED = ("电话", "電話", "手机", "手機", "携帯", "전화", "휴대", "เบอร์", "โทร")


def names_phone(word: str) -> bool:
    """Whether the lower-case word names a telephone number."""
    if _PHONES.fullmatch(word):
        return True
    return not word.isascii() and any(name in word for name in _PHONES_UNSPACED)


_LAST_WORD = re.compile(r"[^\W\d_]+(?=[\W_]{0,6}\Z)")
_LAST_WORDS = re.compile(r"([^\W\d_]+)\W{1,3}([^\W\d_]{1,4})\W{0,6}\Z")


def names_phone_beside(before: str) -> bool:
    """Whether the word directly before names a telephone number."""
    last = _LAST_WORD.search(before)
    return last is not None and names_phone(last[0].lower())


def names_phone_near(before: str) -> bool:
    """Whether the last word names a telephone number, or the word before a short one: "cell to"."""
    words = _LAST_WORDS.search(before)
    return names_phone_beside(before) or (words is not None and names_phone(words[1].lower()))
