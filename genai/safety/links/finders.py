"""Finds everything that a reader, a browser or a chat window treats as a link.

All patterns have bounded, unambiguous repetitions, so the cost is linear in the text. They run only where
there is a sign of a link.
"""

import html
import re
from collections.abc import Iterator

from genai.safety.links.domains import has_room, is_top, words
from genai.safety.links.hosts import AllowedHosts

LONGEST = 2_048
"""Maximum length of a link."""

_HELD = LONGEST + 1_400
"""The same with the longest host name."""

_LONGEST_BEFORE = 255

Span = tuple[int, int]

_H = "A-Za-z0-9_\u00c0-\u024f\u0370-\u058f\u05d0-\u05ea\u0620-\u06d3\u0900-\u0e4e\u10d0-\u10ff\uac00-\ud7a3-"
"""Characters of host names. Scripts without spaces are excluded, because their words would be held back
endlessly.
"""
_DOT = r"(?:[.\u3002\uff61]|[\[({](?:\.|dot)[\])}])"
_DOTS = re.compile(_DOT)
_BODY = rf"[^\s<>\"`\x00-\x1f]{{0,{LONGEST}}}+"
_SCHEMED = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]{{1,30}}\\?:\\?[/\\]\\?[/\\]{_BODY}")
_LOOSE = re.compile(rf"(?:https?|ftps?|wss?|file)\\?:(?=[^\s<>\"`]){_BODY}", re.IGNORECASE)
_RELATIVE = re.compile(rf"[/\\]{{2,8}}+(?=[^\s/\\<>\"`]{{0,255}}[.\u3002\uff61:%@\[]){_BODY}")
_BARE = re.compile(
    rf"(?<![{_H}@])(?P<host>(?:[{_H}]{{1,63}}+{_DOT}(?=[{_H}])){{1,20}}+(?P<top>[{_H}]{{2,63}}+))"
    rf"(?P<rest>\.?(?::\d{{1,5}})?(?:[/\\]|[?#](?=[\w%&=]))(?s:{_BODY})|:\d{{2,5}}+(?![\d.,]))?(?!@)"
)
_IDEOGRAPHS = "\u3040-\u9fff"
_OF_IDEOGRAPHS = re.compile(
    rf"\.(?P<top>[{_IDEOGRAPHS}]{{2,6}}+)\.?(?::\d{{1,5}})?(?:[/\\]|[?#](?=[\w%&=]))(?s:{_BODY})"
)
OPAQUE = (
    "matrix|xmpp|sips?|javascript|vbscript|livescript|mailto|blob|filesystem|view-source|intent|whatsapp|skype|callto"
    "|facetime|magnet|smsto|ms-[a-z]{2,20}|about|jar|mocha"
)
_OPAQUE = re.compile(
    rf"\b(?:(?:{OPAQUE}):(?=[^\s<>\"`]{{2}})|data:(?=[\w.+/-]{{0,80}}[;,]\S)"
    rf"|(?:tel|sms):(?=[+\d()-]{{0,20}}[?&;])){_BODY}",
    re.IGNORECASE,
)
_TARGET = re.compile(
    rf"\]\((?P<inside>(?:[^()\[\]\x02\n]|\n(?!\s{{0,40}}\n)|\([^()\[\]\x02\n]{{0,200}}+\)){{0,{LONGEST}}}+)\)"
)
_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*')\s*\Z""")
_TAG = re.compile(
    rf"<(?P<name>[A-Za-z][\w:-]{{0,30}}+)(?=[\s/>]|\Z)(?P<rest>[^<>\x02]{{0,{LONGEST}}}+)(?:>|\Z)"
)
_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s=\"'<>/]{1,64}+)\s{0,8}+(?:=\s{0,8}+(?P<value>\"[^\"]*+\"|'[^']*+'|[^\s\"'>]*+))?"
)
_ACTIVE = words("script iframe frame object embed applet base meta form portal")
"""HTML tags that load or send something, or change the target of others."""
_NAMES = _ACTIVE | words(
    "a abbr address area article aside audio b bdi bdo bgsound blockquote body br button canvas caption"
    " center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em fieldset"
    " figcaption figure font footer frameset h1 h2 h3 h4 h5 h6 head header hr html i image img input ins"
    " isindex kbd keygen label legend li link main map mark marquee math menu menuitem meter nav noembed"
    " noframes noscript ol optgroup option output p param picture plaintext pre progress q rp rt ruby s"
    " samp section select slot small source span strike strong style sub summary sup svg table tbody td"
    " template textarea tfoot th thead time title tr track tt u ul use var video wbr xmp animate set"
    " foreignobject feimage"
)
_CODED = re.compile(r"&(?:#[0-9xX]|[A-Za-z]{2,20};)|\\[ux](?=[0-9A-Fa-f]{2})")
_REST = re.compile(_BODY)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_TRAILING = ".,;:!?'\"*_~)]}\\\u3002\uff61"
_DOTTED = re.compile(r"[.\u3002\uff61][^\W\d_]|[\[({](?:\.|dot)[\])}]", re.IGNORECASE)


def addresses(text: str) -> Iterator[Span]:
    """Spans of plain addresses in a folded text, unordered and possibly overlapping."""
    slashes = "/" in text or "\\" in text
    if ":" in text:
        if slashes:
            yield from _spelt(_SCHEMED, text)
        yield from _spelt(_OPAQUE, text)
        yield from _spelt(_LOOSE, text)
    if slashes and ("//" in text or "\\" in text):
        yield from _spelt(_RELATIVE, text)
    if _DOTTED.search(text):
        yield from (span for match in _BARE.finditer(text) if (span := _named(match)))
        for match in _OF_IDEOGRAPHS.finditer(text):
            if is_top(match["top"]):
                yield match.start(), match.start() + len(match[0].rstrip(_TRAILING))


def disguised(text: str, hosts: AllowedHosts) -> Iterator[Span]:
    """Spans of other targets outside these hosts: in Markdown, in tags, in encoded letters."""
    if "](" in text:
        yield from _targets(text, hosts)
    if "<" in text:
        yield from _tags(text, hosts)
    if "&" in text or "\\" in text:
        yield from _coded(text)


def _spelt(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        length = len(match[0].rstrip(_TRAILING))
        if length > 2:
            yield match.start(), match.start() + length


def _named(match: re.Match[str]) -> Span | None:
    """The span of an address, if it is a host name with a path, or one that can carry data itself."""
    top, rest = match["top"], match["rest"] or ""
    span = match.start(), match.start() + len(match[0].rstrip(_TRAILING))
    known = is_top(top)
    shown = rest and not rest.removeprefix(":").isdigit()
    if (rest and known) or (shown and top.isascii() and top.isalpha() and top.islower()):
        return span
    labels = _DOTS.split(match["host"])
    return span if known and (labels[0].lower() == "www" or has_room(labels)) else None


def _targets(text: str, hosts: AllowedHosts) -> Iterator[Span]:
    for match in _TARGET.finditer(text):
        target = _TITLE.sub("", match["inside"]).strip().removeprefix("<").removesuffix(">")
        if not hosts.allow_target(target):
            yield match.start() + 1, match.end()


def _tags(text: str, hosts: AllowedHosts) -> Iterator[Span]:
    for match in _TAG.finditer(text):
        active = match["name"].lower() in _ACTIVE
        if active or (_is_tag(match) and _loads(match["rest"], hosts)):
            yield match.span()


def _is_tag(match: re.Match[str]) -> bool:
    return "-" in match["name"] or match["name"].lower() in _NAMES


def _loads(attributes: str, hosts: AllowedHosts) -> bool:
    """Whether an attribute runs code, or has a target elsewhere."""
    for match in _ATTRIBUTE.finditer(attributes):
        name, value = match["name"].lower(), match["value"]
        if name.startswith("on") or name == "srcdoc":
            return True
        if value and not hosts.allow_target(value.strip("\"'")):
            return True
    return False


def _coded(text: str) -> Iterator[Span]:
    """Words with encoded letters that decode to addresses."""
    covered = 0
    for match in _CODED.finditer(text):
        if match.start() < covered:
            continue
        before = text[max(covered, match.start() - _LONGEST_BEFORE) : match.start()]
        start = match.start() - len(before) + len(_without_host(before))
        rest = _REST.match(text, match.start())
        covered = rest.end() if rest else match.end()
        plain = html.unescape(_ESCAPE.sub(_unescaped, text[start:covered]))
        if next(addresses(plain), None):
            yield start, start + len(text[start:covered].rstrip("\\"))


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


_ANCHOR = re.compile(
    rf":(?=[/\\]|\Z)|[/\\](?=[/\\ux:]|\Z)|[.\u3002\uff61](?=[{_H}]|\Z)|\.(?=[{_IDEOGRAPHS}])|[\[({{](?=[.d]|\Z)|&(?=[#A-Za-z]|\Z)"
    rf"|(?:https?|ftps?|wss?|data|tel|sms|{OPAQUE}):",
    re.IGNORECASE,
)
_END = re.compile(r"[\s<>\"`\x00-\x1f]")
_HOST_BACKWARDS = re.compile(f"[{_H}+.:/\\\\&]*")


def _without_host(text: str) -> str:
    """The text without a host at its end."""
    run = _HOST_BACKWARDS.match(text[::-1])
    return text[: len(text) - (run.end() if run else 0)]


def undecided_from(text: str) -> int:
    """The start of the shortest end of a folded text that could still become part of a link."""
    floor = max(0, len(text) - _HELD)
    tail = text[floor:]
    return floor + min(_word_from(tail), _target_from(tail), _tag_from(tail))


def _word_from(tail: str) -> int:
    """The start of the last word, if it is or may become an address."""
    ends = max(map(tail.rfind, ' \n\t<>"`'), default=-1)
    if others := [m.end() for m in _END.finditer(tail, ends + 1)]:
        ends = others[-1] - 1
    word = tail[ends + 1 :]
    anchor = _ANCHOR.search(word)
    before = word[: anchor.start()] if anchor else word
    return ends + 1 + len(_without_host(before))


def _target_from(tail: str) -> int:
    at = tail.find("](")
    while at >= 0:
        closed = _TARGET.match(tail, at)
        if closed is None and not _given_up(tail[at + 2 :]):
            return at + 1
        at = tail.find("](", closed.end() if closed else at + 2)
    return len(tail)


def _given_up(inside: str) -> bool:
    """Whether this can no longer be part of a target."""
    return "]" in inside or "[" in inside or "\x02" in inside or bool(re.search(r"\n\s*\n", inside))


def _tag_from(tail: str) -> int:
    at = tail.rfind("<")
    if at < 0 or ">" in tail[at:]:
        return len(tail)
    if at == len(tail) - 1:
        return at
    begun = _TAG.match(tail, at)
    if begun is None:
        return len(tail)
    return at if not begun["rest"] or _is_tag(begun) else len(tail)
