"""Restricts the addresses that a tool may access: listed hosts with public addresses.

A name is resolved once, its addresses are checked, and the connection uses one of those. So DNS rebinding
has no effect.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from genai.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_URL: Final = 2048

CARRIERS_OF_IPV4: Final = tuple(
    map(
        ipaddress.IPv6Network,
        ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
    )
)
"""Networks whose addresses embed an IPv4 address, which may be private."""


def is_public(address: Address) -> bool:
    """Whether it is a public address: not loopback, private, link-local or shared."""
    if isinstance(address, ipaddress.IPv6Address) and any(
        address in network for network in CARRIERS_OF_IPV4
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Hosts:
    """The allowed hosts: ``rates.example.com``, or ``*.example.com`` for all its subdomains.

    A port other than the scheme's default is part of the host: ``rates.example.com:8443``.
    """

    def __init__(self, listed: Sequence[str], *, schemes: Sequence[str] = ("https",)) -> None:
        self._listed = tuple(host.lower() for host in listed)
        self._schemes = tuple(schemes)

    def checked(self, text: str) -> URL:
        """Parses the address. Raises `InvalidInput`, which does not repeat it."""
        if len(text) > MAX_URL or any(ord(sign) <= 32 or sign == "\\" for sign in text):
            raise InvalidInput("this is no address of the web", "url")
        try:
            url = URL(text)
            host, port = url.host or "", None if url.is_default_port() else url.explicit_port
        except ValueError:
            raise InvalidInput("this is no address of the web", "url") from None
        if url.scheme not in self._schemes or url.user is not None or url.password is not None:
            raise InvalidInput(f"only {' and '.join(self._schemes)} without a user", "url")
        if not self._lists(host.lower().rstrip("."), port):
            raise InvalidInput(f"only these hosts may be asked: {', '.join(self._listed)}", "url")
        return url.with_fragment(None)

    def _lists(self, host: str, port: int | None) -> bool:
        with_port = host if port is None else f"{host}:{port}"
        return any(
            with_port.endswith(listed[1:]) if listed.startswith("*.") else with_port == listed
            for listed in self._listed
        )


class CheckedResolver(AbstractResolver):
    """Resolves to ``allowed`` addresses, and fails for a name with any other address."""

    def __init__(self, lookup: Lookup, allowed: Callable[[Address], bool]) -> None:
        self._lookup = lookup
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = [ipaddress.ip_address(text) for text in await self._lookup(host, port)]
        if not found or not all(map(self._allowed, found)):
            raise OSError("the name has no address that may be reached")
        return [_result(host, port, address) for address in found]

    async def close(self) -> None:
        """There is nothing to close."""


async def system_lookup(host: str, port: int) -> list[str]:
    """The addresses from this machine's resolver. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]).partition("%")[0] for *_, address in found]


def _result(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
