"""What was found when the last look for drift was taken, for the metrics of the service.

{service}|drift    as JSON
"""

from contextlib import suppress

from pydantic import ValidationError

from genai.drift.detector import DriftReport
from genai.errors import BackendFailed
from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.messages import Value


class Look(Value):
    """``at`` is a Unix time."""

    at: float
    report: DriftReport


class LatestLook:
    """Writing raises `BackendFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_write(self, look: Look) -> None:
        words = ("SET", key_of("service", "drift"), look.model_dump_json())
        await self._store.run(Command(words, bool, repeatable=True))

    async def async_known(self) -> Look | None:
        """None before the first, and while nobody can say."""
        words = ("GET", key_of("service", "drift"))
        with suppress(BackendFailed, ValidationError):
            found = await self._store.run(Command(words, lambda reply: reply, repeatable=True))
            return Look.model_validate_json(found) if found else None
        return None
