"""What people thought of answers, kept for the evaluation and training jobs.

{tenant}|feedback    a stream, oldest first; each entry is one judgement, as JSON
"""

from collections.abc import Mapping
from typing import Any, Protocol, Self

from genai.memory.names import checked, key_of
from genai.memory.store import Script, Store
from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import without
from genai.safety.secrets import Secrets

KEPT = 100_000
"""Judgements a tenant; older ones make room."""

# KEYS: stream. ARGV: most entries, user, judgement.
_ADD = Script(
    "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'user', ARGV[2], 'json', ARGV[3])"
)


class Judgement(Protocol):
    @property
    def comment(self) -> str: ...

    def model_dump_json(self) -> str: ...

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self: ...


class FeedbackLog:
    """Appends; nothing is ever changed. Adding twice stores it twice. Raises `BackendFailed`.

    Personal data and secrets in a comment are left out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recognizers = (Identifiers(), Secrets())

    async def async_add(self, tenant: str, user: str, feedback: Judgement) -> None:
        comment = without(feedback.comment, self._recognizers)
        told = feedback.model_copy(update={"comment": comment})
        words = (KEPT, checked(user, "user"), told.model_dump_json())
        await self._store.run(_ADD([key_of(tenant, "feedback")], words, bytes))
