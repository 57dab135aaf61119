"""Signed ids of answers: they prove to whom an answer was given, so that nothing has to be stored.

ans_5f1c...  ──sign──▶  ans_5f1c... .0c9d...     shown to clients
"""

import hmac

from genai.access.principal import Principal
from genai.errors import NotFound
from genai.memory.cipher import Cipher

_SIGNATURE_CHARS = 24


class AnswerIds:
    """Signs with the key of the cipher."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def sign(self, answer_id: str, principal: Principal) -> str:
        return f"{answer_id}.{self._signature(answer_id, principal)}"

    def verify(self, signed: str, principal: Principal) -> None:
        """Raise `NotFound` unless the answer was given to the principal's user."""
        answer_id, _, signature = signed.rpartition(".")
        if not hmac.compare_digest(
            signature.encode(), self._signature(answer_id, principal).encode()
        ):
            raise NotFound("no such answer")

    def _signature(self, answer_id: str, principal: Principal) -> str:
        text = f"answer\0{principal.tenant}\0{principal.user}\0{answer_id}"
        return self._cipher.digest(text)[:_SIGNATURE_CHARS]
