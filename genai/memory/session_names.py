"""Session ids as they appear in Redis keys, which anybody with access to Redis can see.

Callers choose session ids freely, even card numbers. So those are stored as a keyed digest. Ids that the
service generated are stored as they are.
"""

import re

from genai.memory.cipher import Cipher
from genai.memory.names import checked
from genai.memory.session_ids import is_generated

_STORED = re.compile(r"sid_[0-9a-f]{32}")


class SessionNames:
    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def stored_id(self, session_id: str) -> str:
        """The id as stored in Redis. Idempotent. Raises `InvalidInput` for an id with other characters."""
        if is_generated(session_id) or _STORED.fullmatch(session_id):
            return session_id
        return f"sid_{self._cipher.digest(checked(session_id, 'session_id'))[:32]}"
