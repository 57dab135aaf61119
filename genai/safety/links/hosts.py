"""Which addresses an answer may point to."""

import html
import re
from collections.abc import Sequence

_STRICT = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,20})(?::\d{1,5})?(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,
)
"""An address that every reader takes for the same: no user's name, nothing encoded, no odd letters."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_IGNORED = re.compile("[\x00-\x20\x7f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
"""What readers of addresses skip or never show."""


class AllowedHosts:
    """``hosts`` are names such as ``bank.example``; ``*.bank.example`` stands for all below it."""

    def __init__(self, hosts: Sequence[str] = ()) -> None:
        self._exact = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._below = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    def allow(self, address: str) -> bool:
        """Whether the address, as it is spelt, leads to one of them for certain."""
        strict = _STRICT.match(address)
        if strict is None:
            return False
        host = strict["host"].lower()
        return host in self._exact or host.endswith(self._below)

    def allow_target(self, spelt: str) -> bool:
        """The same for the target of a link or an attribute, which may stay on its own page's host."""
        target = _IGNORED.sub("", _ESCAPED.sub(r"\1", html.unescape(spelt)))
        if _SCHEME.match(target) or "//" in target or "\\" in target or "url(" in target.lower():
            return self.allow(target) and target == spelt.strip()
        return True
