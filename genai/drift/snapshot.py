"""The result of the last drift check, stored by the job for the metrics of the service.

{service}|drift    as JSON
"""

from contextlib import suppress

from pydantic import ValidationError

from genai.drift.detector import DriftReport
from genai.errors import BackendFailed
from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.messages import Value


class DriftSnapshot(Value):
    """``at`` is a Unix time."""

    at: float
    report: DriftReport


class LatestDrift:
    """Writing raises `BackendFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_write(self, snapshot: DriftSnapshot) -> None:
        words = ("SET", key_of("service", "drift"), snapshot.model_dump_json())
        await self._store.run(Command(words, bool, repeatable=True))

    async def async_known(self) -> DriftSnapshot | None:
        """`None` before the first check, and while Redis does not answer."""
        words = ("GET", key_of("service", "drift"))
        with suppress(BackendFailed, ValidationError):
            found = await self._store.run(Command(words, lambda reply: reply, repeatable=True))
            return DriftSnapshot.model_validate_json(found) if found else None
        return None
