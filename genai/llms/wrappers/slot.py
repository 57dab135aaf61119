"""A slot for one version of a model, which can be swapped while another slot serves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, GenAIError
from genai.messages import ChatRequest, Chunk, Completion
from genai.promotion.routing import Routing, RoutingTable
from genai.streams import closing

logger = logging.getLogger(__name__)


class SlotLLM(BaseLLM):
    """Serves the version that the routing table assigns to this slot.

    `async_check_health` checks for a new assignment. With ``in_place``, the new version is loaded next
    to the old one in this process; otherwise the check fails, so that the replica is replaced. Other
    slots are not affected.
    """

    def __init__(
        self,
        name: str,
        model: str,
        *,
        initial: str,
        build: Callable[[str], BaseLLM],
        table: RoutingTable,
        in_place: bool,
    ) -> None:
        self.name = name
        self._model = model
        self._initial = initial
        self._build = build
        self._table = table
        self._in_place = in_place
        self._inner: BaseLLM | None = None
        self._version = ""
        self._loading = asyncio.Lock()

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await (await self._current()).async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        async with closing((await self._current()).async_stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def async_start(self) -> None:
        await (await self._current()).async_start()

    async def async_available(self) -> bool:
        return await (await self._current()).async_available()

    def running(self) -> int:
        return self._inner.running() if self._inner is not None else 0

    async def async_check_health(self) -> None:
        inner = await self._current()
        await inner.async_check_health()
        version = await self._target_version()
        if version != self._version:
            if not self._in_place:
                raise BackendFailed("the slot is to hold another version")
            await self._swap(version)
        await self._report()

    async def async_check_alive(self) -> None:
        if self._inner is not None:
            await self._inner.async_check_alive()

    async def async_close(self) -> None:
        if self._inner is not None:
            await self._inner.async_close()

    async def _current(self) -> BaseLLM:
        async with self._loading:
            if self._inner is None:
                self._version = await self._target_version()
                self._inner = self._build(self._version)
            return self._inner

    async def _target_version(self) -> str:
        """The assigned version; the present one if the table cannot be read."""
        try:
            routing: Routing | None = await self._table.async_read(self._model)
        except BackendFailed:
            return self._version or self._initial
        return (routing.versions.get(self.name) if routing else "") or self._initial

    async def _swap(self, version: str) -> None:
        """If the new version cannot be loaded, the old one stays, and the new one is not reported."""
        new = self._build(version)
        if not await self._started(new):
            return
        async with self._loading:
            old, self._inner, self._version = self._inner, new, version
        if old is not None:
            await self._retire(old)

    async def _started(self, new: BaseLLM) -> bool:
        try:
            await new.async_start()
        except GenAIError:
            logger.exception("a version cannot be loaded", extra={"slot": self.name})
            return False
        return await new.async_available()

    async def _retire(self, old: BaseLLM) -> None:
        while old.running():  # noqa: ASYNC110 - models have no event for that
            await asyncio.sleep(0.05)
        await old.async_close()

    async def _report(self) -> None:
        if not await (await self._current()).async_available():
            return
        try:
            await self._table.async_report(self.name, self._version)
        except BackendFailed:
            logger.warning("the slot cannot report", extra={"slot": self.name})
