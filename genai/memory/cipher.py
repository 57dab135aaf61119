"""Encrypts personal data in Redis, so that access to Redis alone reveals nothing."""

import base64
import hmac
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genai.errors import Misconfigured
from genai.settings.state import DataKeySettings

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Cipher:
    """AES-256-GCM. ``place`` is authenticated: data sealed for one place cannot be opened in another."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._key = key

    def seal(self, plain: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """None if the key or the place is another one, or the data was changed."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            return None

    def digest(self, text: str) -> str:
        """A keyed digest: without the key, the text cannot be found by trying."""
        return hmac.digest(self._key, text.encode(), "sha256").hex()


def build_cipher(settings: DataKeySettings, environ: Mapping[str, str] = os.environ) -> Cipher:
    """The key is that of the environment, or else of the file, which is created if missing.

    Raises `Misconfigured` for a malformed key.
    """
    encoded = environ.get(settings.env, "").strip()
    return Cipher(_decoded(encoded, settings.env) if encoded else _key_of(Path(settings.file)))


def _decoded(encoded: str, source: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise Misconfigured(f"{source} must hold {_KEY_BYTES} random bytes in base64")
    return key


def _key_of(path: Path) -> bytes:
    """Creates the file atomically: when several processes start at once, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _decoded(path.read_text().strip(), path.name)
