"""The hosts that links in answers may point to."""

import html
import re
from collections.abc import Sequence
from urllib.parse import unquote

from genai.safety.encoded_runs import decoded
from genai.safety.links.domains import is_top

_STRICT = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,20})(?::\d{1,5})?(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,
)
"""An address that all parsers read alike: no user name, nothing encoded, no unusual letters."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_IGNORED = re.compile("[\x00-\x20\x7f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
"""Characters that address parsers skip or do not show."""


_NESTED = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,30}:)?[/\\]{2,8}(?P<host>[^\s/?#&]{1,300})"
    r"|(?<![a-z])(?:https?|ftps?|wss?):(?P<loose>[^\s/?#&]{1,300})"
    r"|(?<=[/=;,&])@?(?P<bare>(?:[a-z0-9-]{1,63}\.){1,10}(?P<top>[a-z0-9-]{2,63}))(?=[/\\])",
    re.IGNORECASE,
)
"""An address inside the path or query of another, to which it may redirect."""
_NAMED = re.compile(r"(?P<name>[a-z0-9.-]+)(?::\d{1,5})?", re.IGNORECASE)
"""A host, without anything around it that some parser reads as another host."""
_ELSEWHERE = re.compile(r"[.:@\[%\\]|\A(?:\d{8,10}|0x[0-9a-f]{1,8})\Z", re.IGNORECASE)
"""An IP address, which may be written as one number."""
_MOST_CODINGS = 3


class AllowedHosts:
    """``hosts`` are names such as ``bank.example``; ``*.bank.example`` includes all its subdomains."""

    def __init__(self, hosts: Sequence[str] = ()) -> None:
        self._exact = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._below = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    def allow(self, address: str) -> bool:
        """Whether the address certainly leads to an allowed host, and does not redirect."""
        strict = _STRICT.match(address)
        if strict is None or not self._knows(strict["host"]):
            return False
        return not self._leads_on(address[strict.end() :])

    def _knows(self, host: str) -> bool:
        small = host.lower()
        return small in self._exact or small.endswith(self._below)

    def _leads_on(self, rest: str) -> bool:
        """Whether the part after the host contains another address, however often encoded."""
        for _ in range(_MOST_CODINGS):
            rest = unquote(rest)
        if unquote(rest) != rest:
            return True
        return any(map(self._names_another, (rest, *(read.text for read in decoded(rest)))))

    def _names_another(self, rest: str) -> bool:
        for match in _NESTED.finditer(rest):
            host = match["host"] or match["loose"] or (is_top(match["top"]) and match["bare"]) or ""
            named = _NAMED.fullmatch(host)
            if _ELSEWHERE.search(host) and not (named and self._knows(named["name"])):
                return True
        return False

    def allow_target(self, spelt: str) -> bool:
        """The same for the target of a link or attribute, which may be relative."""
        target = _IGNORED.sub("", _ESCAPED.sub(r"\1", html.unescape(spelt)))
        if _SCHEME.match(target) or "//" in target or "\\" in target or "url(" in target.lower():
            return self.allow(target) and target == spelt.strip()
        return True
