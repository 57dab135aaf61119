"""Regularly vacuums deleted documents from the files of a store, even when there are no more writes."""

import asyncio
import logging
from typing import Protocol

from genai.errors import GenAIError
from genai.rag.storage.remains import SWEPT_EVERY_S

logger = logging.getLogger(__name__)


class Swept(Protocol):
    async def async_sweep(self) -> None: ...


class Sweeper:
    """Several processes may sweep one store."""

    def __init__(self, store: Swept, *, every_s: float = SWEPT_EVERY_S) -> None:
        self._store = store
        self._every_s = every_s
        self._work: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts in the running event loop. Idempotent."""
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._sweep_for_ever())

    async def async_close(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._store.async_sweep()
            except GenAIError:
                logger.exception("what was deleted stays on the disk until the next sweep")
