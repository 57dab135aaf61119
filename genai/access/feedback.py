"""What people thought of answers, kept for the evaluation and training jobs.

{tenant}|feedback    a stream, oldest first; each entry is a user and one judgement, as sealed JSON
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self

from genai.memory.cipher import Cipher
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.safety.cleaned import cleaned

PAGE = 1000
KEPT = 100_000
"""Judgements a tenant; older ones make room."""

# KEYS: stream. ARGV: most entries, user, judgement.
_ADD = Script(
    "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'user', ARGV[2], 'sealed', ARGV[3])"
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

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    async def async_add(self, tenant: str, user: str, feedback: Judgement) -> None:
        told = feedback.model_copy(update={"comment": cleaned(feedback.comment)})
        stream = key_of(tenant, "feedback")
        sealed = self._cipher.seal(told.model_dump_json().encode(), stream)
        await self._store.run(_ADD([stream], (KEPT, checked(user, "user"), sealed), bytes))

    async def async_read(self, tenant: str) -> AsyncIterator[dict[str, Any]]:
        """Every judgement of the tenant that can be opened, oldest first."""
        stream, after = key_of(checked(tenant, "tenant"), "feedback"), "-"
        while True:
            words = ("XRANGE", stream, after, "+", "COUNT", PAGE)
            page = await self._store.run(Command(words, list))
            for _, fields in page:
                opened = self._cipher.open(fields[3], stream)
                if opened is not None:
                    yield json.loads(opened)
            if len(page) < PAGE:
                return
            after = f"({page[-1][0].decode()}"
