"""What sessions are called in Redis, whose keys are seen by whoever may look at it.

A caller may name a session as he likes, also by the number of a card. Such a name is kept as a digest,
which nobody can turn back. Names that the service gave stay as they are.
"""

import re

from genai.memory.begun import is_begun
from genai.memory.cipher import Cipher
from genai.memory.names import checked

_KEPT = re.compile(r"sid_[0-9a-f]{32}")


class SessionNames:
    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def kept(self, session_id: str) -> str:
        """The name in Redis; of such a name, itself. Raises `InvalidInput` for what is no name."""
        if is_begun(session_id) or _KEPT.fullmatch(session_id):
            return session_id
        return f"sid_{self._cipher.digest(checked(session_id, 'session_id'))[:32]}"
