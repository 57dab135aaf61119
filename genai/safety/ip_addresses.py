"""Finds IP addresses, and tells them apart from versions, section numbers and fingerprints."""

import re
from collections.abc import Iterator

from genai.safety import checksums
from genai.safety.number_names import WORD_BEGINS, WORD_ENDS
from genai.safety.tables.headers import cell_at

_LETTERS = "A-Za-z0-9\u00c0-\u024f\u0400-\u04ff"
_IPV4 = re.compile(
    r"\d(?<!\d\d)(?<!\.\d)(?<!\.-\d)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)(?!\.\d)(?!_[^\W_])"
)
_GLUED_BEFORE = re.compile(rf"(?:[{_LETTERS}]|[^\W_]_)-?\Z")
_ADDRESS_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:ip(?:v4)?|addr(?:ess(?:e|es)?)?|hosts?|server|client|peer|gateway|router|dns|from|to|src"
    r"|dst|source|dest(?:ination)?|remote|local|login)[_-]?\Z",
    re.IGNORECASE,
)
"""Words that may directly precede an address; other words precede versions."""
_GLUED_AFTER = re.compile(r"(-?)([A-Za-z]+)(\d?)")
_OF_VERSIONS = re.compile(
    r"(?:alpha|beta|pre|post|dev|rel|final|build|patch|hot|snap|stable|nightly|debian|ubuntu|deb|amd|win|linux|mac"
    r"|src|bin|jar|zip|tar|exe|dll|release|version)[a-z]*",
    re.IGNORECASE,
)
_IPV6 = re.compile(
    rf"[0-9A-Fa-f:](?<![{_LETTERS}.][0-9A-Fa-f:])(?<![^\W_]_[0-9A-Fa-f:])(?<!::[0-9A-Fa-f:])"
    rf"[0-9A-Fa-f:]{{2,38}}(?:(?:\.\d{{1,3}}){{3}})?(?<![^:]:)(?![{_LETTERS}])(?!_[^\W_])(?!:[0-9A-Fa-f:])(?!\.\d)"
)
_GROUP_OF_IPV6 = re.compile(rf"(?<![{_LETTERS}_])[0-9A-Fa-f]{{1,4}}:\Z")
_COLONS = re.compile(r"::|:[0-9A-Fa-f]{1,4}:")
_PARTS_OF_TEXT = (
    r"sections?|chapters?|clauses?|paragraphs?|annex|appendix|figures?|tables?|abschnitte?s?|kapitel|ziffer|punkt"
    r"|absatz|anhang|artikel|articles?|paragraphe|chapitre|annexe|apartados?|secci[oó]n|cap[ií]tulo|art[ií]culo"
    r"|se[cç][aã]o|artigo|sezione|capitolo|articolo|paragrafo|hoofdstuk|paragraaf|rozdział|kapitol\w*|avsnitt"
    r"|kapittel|afsnit|kappale|глав[аеуы]|раздел\w*|пункт\w*|стать[яеи]"
)
_VERSION = (
    r"rv|vers(?:ions?|ionen|ie|i[oó]n|[aã]o|ione)|v|ver|releases?|builds?|firmware|driver|patch|revision|rev"
    r"|kernel|sdk|schema|wersj\w+|верси\w+|sürüm|android|ios|ipados|macos|os x|windows|ubuntu|debian|linux"
    r"|java|jdk|jre|python|node|nginx|apache|openssl|php|mysql|postgres(?:ql)?|chrome|firefox|safari|edge|opera"
)
_NAMES_VERSION = re.compile(rf"{WORD_BEGINS}(?:{_VERSION}){WORD_ENDS}", re.IGNORECASE)
_LINKED = r"(?:[,;/-]| (?:to|and|or|und|oder|bis|et|à|ou|y|o|a|e|og|och|en|i|и|-|->|→)){1,2} ?"
_VERSION_BEFORE = re.compile(
    rf"(?:(?<![^\W_])(?:{_VERSION}|{_PARTS_OF_TEXT})(?![^\W_])|§{{1,2}}|版本|バージョン|버전|第)"
    r"(?: (?:notes?|number|no|nr|is|was|for|of|to|from|ist|est|es|è|numéro|número)){0,2}"
    rf"[ :.=v\"'>\n-]{{0,5}}(?:(?:[\d.]{{5,15}}){_LINKED}){{0,2}}\Z"
    r"|(?<![\w.-])[A-Z][A-Za-z]{1,20}/\Z|\w(?:==|>=|<=|~=)\Z",
    re.IGNORECASE,
)
_VERSION_AFTER = re.compile(
    r" (?:versions?|updates?|upgrades?|hotfix|releases?|builds?|firmware|patch|driver)\b",
    re.IGNORECASE,
)
_CHANGE_BEFORE = re.compile(
    r"\b(?:up|down)(?:grad|dat)\w*|\binstall\w*|\broll\w* back|\breleas\w+|\bmigrat\w+",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\d{1,2}(?:\.\d{1,2}){3}")
_VERSION_LIKE = re.compile(r"(?!10\.|8\.8\.|1\.[01]\.[01]\.1\b)(?:[0-5]?\d\.){3}[0-5]?\d")
"""All parts are small, which one address in 300 is. Not those of private networks and public name servers."""
_CONNECTED = (
    r"ip(?:v4)?s?|addr(?:ess(?:e|es)?)?|adres\w*|direcci[oó]n|indirizzo|endereço|osoite|hosts?|hostname|servers?|serveur|servidor"
    r"|gateways?|routers?|dns|ping\w*|traceroute|nslookup|whois|peers?|clients?|remote|src|dst|source|network|netz\w*|r[eé]seau|red"
    r"|subnet|netmask|vpn|proxy|firewall|nat|interface|inet|listen\w*|bind|lan|wan|block\w*|allow\w*|den(?:y|ied)|bann?\w*"
    r"|whitelist\w*|blacklist\w*|attack\w*|scan\w*|sshd?|telnet|connect\w*|log(?:ged)?[ -]?in|login|access\w*"
    r"|traffic|packets?|request(?:s|ed)?|visits?|visitors?|anmeld\w*|verbind\w*|zugriff\w*|rechner|conne[xc]\w*|conex\w*|acc[eè]so?\w*|acess\w*"
    r"|inlog\w*|aanmeld\w*|tilkobl\w*|ansl\w*|yhteys\w*|połącz\w*|logow\w*|bağlan\w*|подключ\w*|вход\w*|адрес\w*|сервер\w*"
)
_NAMES_ADDRESS = re.compile(
    rf"{WORD_BEGINS}(?:{_CONNECTED}){WORD_ENDS}|(?<![A-Za-z])(?i:ip)(?![a-z])|地址|アドレス|주소|登录|登陆|ログイン|접속|服务器|サーバ|서버",
    re.IGNORECASE,
)
_ADDRESS_AFTER = re.compile(r"/\d{1,2}(?![\d.])|:\d{2,5}\b| - - | (?:port|GET|POST)\b")
_HOST_BEFORE = re.compile(r"(?::/{1,2}|@)\Z")
_HEADING = re.compile(r"[ \t]{1,3}[A-Z][a-z]")


def find_ips(text: str) -> Iterator[tuple[int, int]]:
    for match in _IPV4.finditer(text):
        if (
            checksums.ipv4(match[0])
            and set(match[0]) != {"0", "."}
            and not match[0].startswith("255.")
            and not _is_version(text, *match.span())
            and _stands_alone(text, *match.span())
        ):
            yield match.span()
    if _COLONS.search(text):
        for match in _IPV6.finditer(text):
            start = match.start()
            if checksums.ipv6(match[0]) and not _GROUP_OF_IPV6.search(
                text, max(0, start - 6), start
            ):
                yield match.span()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether adjacent letters are compatible with an address: "10.0.0.1and"."""
    if _GLUED_BEFORE.search(text, max(0, start - 3), start) and not _ADDRESS_BEFORE.search(
        text, max(0, start - 14), start
    ):
        return False
    glued = _GLUED_AFTER.match(text, end, end + 12)
    if glued is None:
        return True
    return len(glued[2]) >= 3 and not glued[3] and not _OF_VERSIONS.match(glued[2])


def _is_version(text: str, start: int, end: int) -> bool:
    cell = cell_at(text, start)
    if cell and _NAMES_VERSION.search(cell.header):
        return True
    before = text[max(0, start - 50, cell.row if cell else 0) : start]
    if _VERSION_BEFORE.search(before) or _VERSION_AFTER.match(text, end):
        return True
    addressed = _NAMES_ADDRESS.search(cell.header if cell else before)
    small = _SMALL.fullmatch(text, start, end)
    if small and _CHANGE_BEFORE.search(before) and not addressed:
        return True
    heads_line = before[-1:] in ("", "\n") and _HEADING.match(text, end)
    if heads_line and small:
        return True
    if not _VERSION_LIKE.fullmatch(text, start, end) or _ADDRESS_AFTER.match(text, end):
        return False
    if _HOST_BEFORE.search(before):
        return False
    return not addressed
