"""What a running request has sent so far, for others that ask for the same."""

RECORDED_BYTES = 4_000_000
"""Longer streams are not kept."""


class Recording:
    """The bytes of a stream, up to ``most``."""

    def __init__(self, media_type: str, *, most: int = RECORDED_BYTES) -> None:
        self.media_type = media_type
        self.too_long = False
        self._most = most
        self._bytes = bytearray()

    def add(self, block: bytes) -> None:
        """Forgets everything once it is too long."""
        self.too_long = self.too_long or len(self._bytes) + len(block) > self._most
        if self.too_long:
            self._bytes.clear()
        else:
            self._bytes += block

    def since(self, position: int) -> bytes:
        return bytes(self._bytes[position:])
