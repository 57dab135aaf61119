"""A place for one version of a model, which can be exchanged while another slot serves."""

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
    """Holds the version that the routing of its model wants in this slot.

    `async_check_health` looks whether that has changed. Then the new version is loaded beside the old
    one, where ``in_place`` says that one process can hold both; else the check fails, so that the
    replica is replaced. Either way only this slot is concerned.
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
        return await (await self._held()).async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        async with closing((await self._held()).async_stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def async_start(self) -> None:
        await (await self._held()).async_start()

    async def async_available(self) -> bool:
        return await (await self._held()).async_available()

    def running(self) -> int:
        return self._inner.running() if self._inner is not None else 0

    async def async_check_health(self) -> None:
        inner = await self._held()
        await inner.async_check_health()
        wanted = await self._wanted()
        if wanted != self._version:
            if not self._in_place:
                raise BackendFailed("the slot is to hold another version")
            await self._exchange(wanted)
        await self._report()

    async def async_check_alive(self) -> None:
        if self._inner is not None:
            await self._inner.async_check_alive()

    async def async_close(self) -> None:
        if self._inner is not None:
            await self._inner.async_close()

    async def _held(self) -> BaseLLM:
        async with self._loading:
            if self._inner is None:
                self._version = await self._wanted()
                self._inner = self._build(self._version)
            return self._inner

    async def _wanted(self) -> str:
        """What it holds already where nobody can say."""
        try:
            routing: Routing | None = await self._table.async_read(self._model)
        except BackendFailed:
            return self._version or self._initial
        return (routing.versions.get(self.name) if routing else "") or self._initial

    async def _exchange(self, wanted: str) -> None:
        """A version that cannot be loaded leaves the old one in the slot, and is not reported."""
        new = self._build(wanted)
        if not await self._started(new):
            return
        async with self._loading:
            old, self._inner, self._version = self._inner, new, wanted
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
        while old.running():  # noqa: ASYNC110 - models tell nobody that they are done
            await asyncio.sleep(0.05)
        await old.async_close()

    async def _report(self) -> None:
        if not await (await self._held()).async_available():
            return
        try:
            await self._table.async_report(self.name, self._version)
        except BackendFailed:
            logger.warning("the slot cannot report", extra={"slot": self.name})
