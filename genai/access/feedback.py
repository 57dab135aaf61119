"""What people thought of answers, kept for the evaluation and training jobs.

{tenant}|feedback    a stream, oldest first; each entry is one judgement, as JSON
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self

from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.safety.cleaned import cleaned

PAGE = 1000
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

    async def async_add(self, tenant: str, user: str, feedback: Judgement) -> None:
        told = feedback.model_copy(update={"comment": cleaned(feedback.comment)})
        words = (KEPT, checked(user, "user"), told.model_dump_json())
        await self._store.run(_ADD([key_of(tenant, "feedback")], words, bytes))

    async def async_read(self, tenant: str) -> AsyncIterator[dict[str, Any]]:
        """Every judgement of the tenant, oldest first."""
        stream, after = key_of(checked(tenant, "tenant"), "feedback"), "-"
        while True:
            words = ("XRANGE", stream, after, "+", "COUNT", PAGE)
            page = await self._store.run(Command(words, list))
            for _, fields in page:
                yield json.loads(fields[3])
            if len(page) < PAGE:
                return
            after = f"({page[-1][0].decode()}"
