"""A model of which a new version is tried out while the old one serves.

    CanaryLLM ─┬▶ the champion's slot
               └▶ the challenger's slot, which gets a share of the sessions or copies in secret

Nobody is worse off for being in the trial than the time that it takes: where the challenger fails, or
says nothing for ``patience_s``, the champion answers, and the answer says so in ``degraded``.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.failover import FallbackLLM
from genai.llms.wrapped import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion
from genai.promotion.routing import Routing, Shadowed
from genai.promotion.tables import CachedRouting
from genai.streams import closing

logger = logging.getLogger(__name__)

SHADOWS = 4
"""Copies that run at the same time; further ones are left out."""


class PatientLLM(WrappedLLM):
    """Fails with `BackendFailed` where nothing comes for ``patience_s``, while there is still time."""

    def __init__(self, inner: BaseLLM, patience_s: float) -> None:
        super().__init__(inner)
        self._patience_s = patience_s

    async def async_chat(self, request: ChatRequest) -> Completion:
        try:
            async with asyncio.timeout(self._within_s(request)):
                return await self._inner.async_chat(request)
        except TimeoutError as error:
            raise BackendFailed("the model took too long") from error

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        within_s = self._within_s(request)
        async with closing(self._inner.async_stream(request)) as chunks:
            while True:
                try:
                    async with asyncio.timeout(within_s):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    raise BackendFailed("the model took too long") from error
                yield chunk

    def _within_s(self, request: ChatRequest) -> float:
        """Half of the time is left for another model."""
        return min(self._patience_s, request.context.remaining_s() / 2)


class CanaryLLM(BaseLLM):
    """``slots`` are the models by their names; answers carry the name of the one that spoke."""

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
        """Whether the champion is; the challenger is not needed."""
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
        challenger = PatientLLM(self._slots[routing.challenger], self._patience_s)
        return FallbackLLM([challenger, champion])

    def _shadow(self, routing: Routing, request: ChatRequest) -> None:
        """Ask the challenger the same, and tell nobody what it says."""
        if len(self._shadows) >= SHADOWS:
            return
        task = asyncio.get_running_loop().create_task(
            self._ask(self._slots[routing.challenger], request)
        )
        self._shadows.add(task)
        task.add_done_callback(self._shadows.discard)

    async def _ask(self, challenger: BaseLLM, request: ChatRequest) -> None:
        started = asyncio.get_running_loop().time()
        code = ""
        try:
            await PatientLLM(challenger, self._patience_s).async_chat(request)
        except Exception as error:
            code = getattr(error, "code", "internal_error")
        seconds = asyncio.get_running_loop().time() - started
        await self._routing.async_shadowed(Shadowed(seconds=seconds, code=code))
