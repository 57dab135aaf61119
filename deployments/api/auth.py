"""Authentication by ``Authorization: Bearer <key>``, for everything but the probes."""

from collections.abc import Mapping

from deployments.api.services import Keys
from genai.access.principal import Principal
from genai.errors import Unauthenticated

MAX_KEY_LENGTH = 256


async def authenticate(keys: Keys, headers: Mapping[bytes, bytes]) -> Principal:
    """Raises `Unauthenticated`. The key is never repeated in a message."""
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    key = key.strip()
    if scheme.lower() != b"bearer" or not key:
        raise Unauthenticated("send your API key as 'Authorization: Bearer <key>'")
    if len(key) > MAX_KEY_LENGTH or not key.isascii():
        raise Unauthenticated("the API key is not valid")
    return await keys.async_authenticate(key.decode("ascii"))
