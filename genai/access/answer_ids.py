"""Ids of answers that prove by themselves to whom the answer was given, so that none has to be kept.

ans_5f1c...  ──sealed──▶  ans_5f1c... .0c9d...     what clients are shown
"""

import hmac

from genai.access.principal import Principal
from genai.errors import NotFound
from genai.memory.cipher import Cipher

_PROOF_CHARS = 24


class AnswerIds:
    """Without the key of the cipher nobody can make up an id, nor turn another's into an own one."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def sealed(self, answer_id: str, principal: Principal) -> str:
        return f"{answer_id}.{self._proof(answer_id, principal)}"

    def check(self, sealed: str, principal: Principal) -> None:
        """Raise `NotFound` unless this one got the answer."""
        answer_id, _, proof = sealed.rpartition(".")
        if not hmac.compare_digest(proof.encode(), self._proof(answer_id, principal).encode()):
            raise NotFound("no such answer")

    def _proof(self, answer_id: str, principal: Principal) -> str:
        said = f"answer\0{principal.tenant}\0{principal.user}\0{answer_id}"
        return self._cipher.digest(said)[:_PROOF_CHARS]
