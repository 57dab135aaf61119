"""Stores feedback on answers, for the evaluation and training jobs.

{tenant}|feedback    `SealedLines`, each a feedback as JSON
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self

from genai.memory.cipher import Cipher
from genai.memory.sealed_lines import SealedLines
from genai.memory.store import Store
from genai.safety.cleaned import cleaned


class Feedback(Protocol):
    @property
    def comment(self) -> str: ...

    def model_dump_json(self) -> str: ...

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self: ...


class FeedbackLog:
    """Append-only: adding twice stores it twice. Raises `BackendFailed`.

    Personal data and secrets are redacted from comments.
    """

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._lines = SealedLines(store, cipher, "feedback")

    async def async_add(self, tenant: str, user: str, feedback: Feedback) -> None:
        redacted = feedback.model_copy(update={"comment": cleaned(feedback.comment)})
        await self._lines.async_add(tenant, user, redacted.model_dump_json())

    async def async_read(self, tenant: str) -> AsyncIterator[dict[str, Any]]:
        """All feedback of the tenant that can be decrypted, oldest first."""
        async for line in self._lines.async_all(tenant):
            yield json.loads(line)
