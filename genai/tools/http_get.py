"""A tool that reads web pages of listed hosts: public addresses only, text only, bounded size."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import unescape
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field
from yarl import URL

from genai.base.tool import BaseTool, Observation
from genai.errors import InvalidInput
from genai.messages import RequestContext
from genai.tools.web_address import (
    MAX_URL,
    Address,
    CheckedResolver,
    Hosts,
    Lookup,
    is_public,
    system_lookup,
)

MAX_REDIRECTS: Final = 3
REDIRECTS: Final = (301, 302, 303, 307, 308)
READABLE: Final = ("text/", "application/json", "application/xml", "application/xhtml+xml")
HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "genai-factory"}
TAG: Final = re.compile(r"/?[A-Za-z][A-Za-z0-9]*|!")
UNSEEN: Final = frozenset({"script", "style", "template", "noscript"})
INLINE: Final = frozenset({"a", "b", "i", "em", "strong", "span", "code", "sup", "sub", "td", "th"})


class HTTPGetArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1, max_length=MAX_URL)


class HTTPGetTool(BaseTool):
    """Sends no cookies or credentials and uses no proxies. Every redirect is checked like the first
    address.

    ``lookup`` resolves names, ``allowed`` decides on their addresses.
    """

    input_schema = HTTPGetArguments

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        name: str = "http_get",
        max_bytes: int = 200_000,
        schemes: Sequence[str] = ("https",),
        lookup: Lookup = system_lookup,
        allowed: Callable[[Address], bool] = is_public,
    ) -> None:
        self.name = name
        self.description = f"Get the text of a web page of one of: {', '.join(hosts)}."
        self._hosts = Hosts(hosts, schemes=schemes)
        self._max_bytes = max_bytes
        self._lookup = lookup
        self._allowed = allowed

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, HTTPGetArguments)
        try:
            async with self._session() as session:
                return Observation(text=await self._get(session, self._checked(arguments.url)))
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        except (aiohttp.ClientError, OSError, ValueError):
            return Observation(text="", error="the host cannot be reached, or answers nonsense")

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(self._lookup, self._allowed), use_dns_cache=False
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers=HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def _get(self, session: aiohttp.ClientSession, url: URL) -> str:
        for _ in range(MAX_REDIRECTS + 1):
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in REDIRECTS:
                    return await self._text(response)
                url = self._checked(str(url.join(URL(response.headers.get("Location", "")))))
        raise InvalidInput("the page redirects too often")

    def _checked(self, text: str) -> URL:
        """Checks a literal address here, because it is never resolved."""
        url = self._hosts.checked(text)
        with suppress(ValueError):
            if not self._allowed(ipaddress.ip_address(url.host or "")):
                raise InvalidInput("this address may not be reached")
        return url

    async def _text(self, response: aiohttp.ClientResponse) -> str:
        if response.status != 200:
            raise InvalidInput(f"the host answers with status {response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise InvalidInput("the page is compressed")
        if not response.content_type.startswith(READABLE):
            raise InvalidInput("the page is not text")
        raw = await self._read(response)
        text = raw.decode(_charset(response), errors="replace")
        return _seen(text) if "html" in response.content_type else text

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Reads the beginning of the page, up to the size limit."""
        parts, size = list[bytes](), 0
        async for part in response.content.iter_chunked(16_384):
            parts.append(part)
            size += len(part)
            if size >= self._max_bytes:
                break
        return b"".join(parts)[: self._max_bytes]


def _charset(response: aiohttp.ClientResponse) -> str:
    try:
        return "utf-8" if response.charset is None else _known(response.charset)
    except LookupError:
        return "utf-8"


def _known(charset: str) -> str:
    b"".decode(charset)
    return charset


def _seen(page: str) -> str:
    """The text of a page without tags and scripts, in one pass: an HTML parser's time is unbounded."""
    first, *pieces = page.split("<")
    texts, unseen = [first], ""
    for piece in pieces:
        tag, _, text = piece.partition(">")
        named = TAG.match(tag)
        if named is None:
            texts.append("" if unseen else f"<{piece}")
            continue
        name = named[0].lower()
        if unseen:
            unseen = "" if name == f"/{unseen}" else unseen
        elif name in UNSEEN:
            unseen = name
        if not unseen:
            texts.append(("" if name.strip("/") in INLINE else "\n") + text)
    lines = unescape("".join(texts)).splitlines()
    return "\n".join(kept for line in lines if (kept := " ".join(line.split())))
