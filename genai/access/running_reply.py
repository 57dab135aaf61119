"""The reply of a request that another process is still carrying out, part by part as it is made."""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncIterator

from genai.access.idempotency_scripts import FOLLOW
from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.store import Store

FIRST_POLL_S, SLOWEST_POLL_S = 0.02, 0.25
FASTEST = 1
"""Compression level of zlib: it blocks the event loop for a sixth of the default level's time."""


def sealed_part(cipher: Cipher, place: str, claim: int, number: int, part: bytes) -> bytes:
    return cipher.seal(zlib.compress(part, level=FASTEST), _place_of(place, claim, number))


def opened(cipher: Cipher, sealed: bytes, place: str) -> bytes:
    """Raises `BackendFailed` for what was sealed with another key or for another place."""
    packed = cipher.open(sealed, place)
    if packed is None:
        raise BackendFailed("the reply that was kept cannot be read", False)
    return zlib.decompress(packed)


def _place_of(place: str, claim: int, number: int) -> str:
    return f"{place}|{claim}|{number}"


class RunningReply:
    """A stream that is under way. All of it is given, from its beginning."""

    def __init__(
        self, store: Store, cipher: Cipher, place: str, *, claim: int, media_type: str
    ) -> None:
        self.media_type = media_type
        self._store = store
        self._cipher = cipher
        self._place = place
        self._claim = claim

    async def async_parts(self) -> AsyncIterator[bytes]:
        """Raises `BackendFailed` if the request fails, or its process dies: what came is then no answer."""
        number = size = 0
        seen = hashlib.sha256()
        pause = FIRST_POLL_S
        while True:
            follow = FOLLOW([self._place], (self._claim, number), list)
            match await self._store.run(follow):
                case [b"running"]:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, SLOWEST_POLL_S)
                case [b"running", *parts]:
                    part, pause = self._opened(parts, number), FIRST_POLL_S
                    number, size = number + len(parts), size + len(part)
                    seen.update(part)
                    yield part
                case [b"done", _, _, sealed]:
                    whole = opened(self._cipher, sealed, self._place)
                    if hashlib.sha256(whole[:size]).digest() != seen.digest():
                        raise BackendFailed("the answer broke off")
                    if len(whole) > size:
                        yield whole[size:]
                    return
                case _:
                    raise BackendFailed("the answer broke off")

    def _opened(self, parts: list[bytes], first: int) -> bytes:
        places = (
            _place_of(self._place, self._claim, first + index) for index, _ in enumerate(parts)
        )
        return b"".join(
            opened(self._cipher, part, place) for part, place in zip(parts, places, strict=True)
        )
