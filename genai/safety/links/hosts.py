"""The hosts that links in answers may point to."""

import html
import re
from collections.abc import Sequence
from urllib.parse import unquote

from genai.safety.links.domains import is_top

_STRICT = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,20})(?::\d{1,5})?(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,
)
"""An address that every reader takes for the same: no user's name, nothing encoded, no odd letters."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_IGNORED = re.compile("[\x00-\x20\x7f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
"""What readers of addresses skip or never show."""


_NESTED = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,30}:)?[/\\]{2,8}(?P<host>[^\s/?#&]{1,300})"
    r"|(?<![a-z])(?:https?|ftps?|wss?):(?P<loose>[^\s/?#&]{1,300})"
    r"|(?<=[/=;,&])(?P<bare>(?:[a-z0-9-]{1,63}\.){1,10}(?P<top>[a-z0-9-]{2,63}))(?=[/\\])",
    re.IGNORECASE,
)
"""An address in the path or the query of another, which may pass on to it whoever follows it."""
_NAMED = re.compile(r"(?P<name>[a-z0-9.-]+)(?::\d{1,5})?", re.IGNORECASE)
"""A host, and nothing before or behind it that some reader of addresses takes for another."""
_ELSEWHERE = re.compile(r"[.:@\[%\\]|\A(?:\d{8,10}|0x[0-9a-f]{1,8})\Z", re.IGNORECASE)
"""What an address of the internet has, which may be written as one number."""
_MOST_CODINGS = 3


class AllowedHosts:
    """``hosts`` are names such as ``bank.example``; ``*.bank.example`` stands for all below it."""

    def __init__(self, hosts: Sequence[str] = ()) -> None:
        self._exact = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._below = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    def allow(self, address: str) -> bool:
        """Whether the address, as it is spelt, leads to one of them for certain, and not on from there."""
        strict = _STRICT.match(address)
        if strict is None or not self._knows(strict["host"]):
            return False
        return not self._leads_on(address[strict.end() :])

    def _knows(self, host: str) -> bool:
        small = host.lower()
        return small in self._exact or small.endswith(self._below)

    def _leads_on(self, rest: str) -> bool:
        """Whether what follows the host names an address elsewhere, however often it is encoded."""
        for _ in range(_MOST_CODINGS):
            rest = unquote(rest)
        if unquote(rest) != rest:
            return True
        for match in _NESTED.finditer(rest):
            host = match["host"] or match["loose"] or (is_top(match["top"]) and match["bare"]) or ""
            named = _NAMED.fullmatch(host)
            if _ELSEWHERE.search(host) and not (named and self._knows(named["name"])):
                return True
        return False

    def allow_target(self, spelt: str) -> bool:
        """The same for the target of a link or an attribute, which may stay on its own page's host."""
        target = _IGNORED.sub("", _ESCAPED.sub(r"\1", html.unescape(spelt)))
        if _SCHEME.match(target) or "//" in target or "\\" in target or "url(" in target.lower():
            return self.allow(target) and target == spelt.strip()
        return True
