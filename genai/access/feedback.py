"""What people thought of answers, kept for the evaluation and training jobs.

{tenant}|feedback    a stream, oldest first; each entry is one judgement, as JSON
"""

from typing import Protocol

from genai.memory.names import checked, key_of
from genai.memory.store import Script, Store

KEPT = 100_000
"""Judgements a tenant; older ones make room."""

# KEYS: stream. ARGV: most entries, user, judgement.
_ADD = Script(
    "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'user', ARGV[2], 'json', ARGV[3])"
)


class Judgement(Protocol):
    def model_dump_json(self) -> str: ...


class FeedbackLog:
    """Appends; nothing is ever changed. Adding twice stores it twice. Raises `BackendFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_add(self, tenant: str, user: str, feedback: Judgement) -> None:
        words = (KEPT, checked(user, "user"), feedback.model_dump_json())
        await self._store.run(_ADD([key_of(tenant, "feedback")], words, bytes))
