"""Canary releases: a new version of a model is tried out while the old one serves.

    CanaryLLM ─┬▶ the champion's slot
               └▶ the challenger's slot, which gets a share of the sessions, or shadow copies

If the challenger fails, or sends nothing for ``patience_s``, the champion answers, and the answer says
so in ``degraded``. A caller in the trial loses no more than that time.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

from genai.base.llm import BaseLLM, WrappedLLM
from genai.errors import BackendFailed
from genai.llms.failover.chain import FallbackLLM
from genai.messages import ChatRequest, Chunk, Completion
from genai.promotion.routing import Routing, Shadowed
from genai.promotion.tables import CachedRouting
from genai.streams import closing

logger = logging.getLogger(__name__)

MAX_SHADOWS = 4
"""Limit of concurrent shadow calls; further ones are skipped."""


class IdleTimeoutLLM(WrappedLLM):
    """Raises `BackendFailed` when nothing arrives for ``patience_s``, early enough to ask another model."""

    def __init__(self, inner: BaseLLM, patience_s: float) -> None:
        super().__init__(inner)
        self._patience_s = patience_s

    async def async_chat(self, request: ChatRequest) -> Completion:
        try:
            async with asyncio.timeout(self._timeout_s(request)):
                return await self._inner.async_chat(request)
        except TimeoutError as error:
            raise BackendFailed("the model took too long") from error

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        timeout_s = self._timeout_s(request)
        async with closing(self._inner.async_stream(request)) as chunks:
            while True:
                try:
                    async with asyncio.timeout(timeout_s):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    raise BackendFailed("the model took too long") from error
                yield chunk

    def _timeout_s(self, request: ChatRequest) -> float:
        """At most half of the remaining time, so that another model can still answer."""
        return min(self._patience_s, request.context.remaining_s() / 2)


class CanaryLLM(BaseLLM):
    """``slots`` maps names to models. Answers carry the name of the slot that answered."""

    def __init__(
        self, name: str, slots: Mapping[str, BaseLLM], routing: CachedRouting, *, patience_s: float
    ) -> None:
        self.name = name
        self.continues = all(slot.continues for slot in slots.values())
        self.native_tools = all(slot.native_tools for slot in slots.values())
        self._slots = slots
        self._routing = routing
        self._patience_s = patience_s
        self._shadows: set[asyncio.Task[None]] = set()

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await (await self._chosen(request)).async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        chosen = await self._chosen(request)
        async with closing(chosen.async_stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def async_start(self) -> None:
        for slot in self._slots.values():
            await slot.async_start()

    async def async_available(self) -> bool:
        """Whether the champion is available; the challenger may be down."""
        routing = await self._routing.async_current()
        return await self._slots[routing.champion].async_available()

    def running(self) -> int:
        return sum(slot.running() for slot in self._slots.values())

    async def async_close(self) -> None:
        for task in self._shadows:
            task.cancel()
        for slot in self._slots.values():
            await slot.async_close()

    async def _chosen(self, request: ChatRequest) -> BaseLLM:
        routing = await self._routing.async_current()
        champion = self._slots[routing.champion]
        if routing.stage == "shadow":
            self._shadow(routing, request)
        if routing.slot_of(request.context) == routing.champion:
            return champion
        challenger = IdleTimeoutLLM(self._slots[routing.challenger], self._patience_s)
        return FallbackLLM([challenger, champion])

    def _shadow(self, routing: Routing, request: ChatRequest) -> None:
        """Send a copy to the challenger; only its latency and error are recorded."""
        if len(self._shadows) >= MAX_SHADOWS:
            return
        task = asyncio.get_running_loop().create_task(
            self._run_shadow(self._slots[routing.challenger], request)
        )
        self._shadows.add(task)
        task.add_done_callback(self._shadows.discard)

    async def _run_shadow(self, challenger: BaseLLM, request: ChatRequest) -> None:
        started = asyncio.get_running_loop().time()
        code = ""
        try:
            await IdleTimeoutLLM(challenger, self._patience_s).async_chat(request)
        except Exception as error:
            code = getattr(error, "code", "internal_error")
        seconds = asyncio.get_running_loop().time() - started
        await self._routing.async_shadowed(Shadowed(seconds=seconds, code=code))
