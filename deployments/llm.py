"""The LLM deployment: hosts models of `genai.llms`."""

from collections.abc import AsyncIterator
from functools import partial

from deployments.models import connect_embedder
from deployments.placement import Peers
from deployments.readiness import Ready
from deployments.serving import begin_serving
from deployments.stoppable import StoppableCalls
from genai.factory.llm_factory import build_llms
from genai.llms.spending import counted, counted_chunks
from genai.messages import ChatRequest, Chunk, Completion
from genai.settings.application import Settings
from genai.streams import merge_chunks, ready_batches


class LLMServer(Ready):
    """Hosts the models whose ``placement`` is this deployment, without their fallbacks.

    Fallbacks run in the caller: they must work when no replica of this deployment does.
    """

    def __init__(self, settings: Settings, peers: Peers, deployment: str) -> None:
        self.peers = peers
        names = [name for name, llm in settings.llms.items() if llm.placement == deployment]
        embedder = connect_embedder(settings, peers)
        self._llms = build_llms(settings, embedder, names)
        self._loaded = False
        self._calls = StoppableCalls()

    async def chat(self, name: str, request: ChatRequest, call_id: str = "") -> Completion:
        llm = self._llms[name]
        return await self._calls.run(call_id, lambda: counted(llm.async_chat(request)))

    async def stop(self, call_id: str) -> bool:
        """Stop a call; returns whether it was running here."""
        return self._calls.stop(call_id)

    async def stream(
        self, name: str, request: ChatRequest, call_id: str = ""
    ) -> AsyncIterator[list[Chunk]]:
        chunks = counted_chunks(self._llms[name].async_stream(request))
        async for ready in ready_batches(chunks, run=partial(self._calls.run, call_id)):
            yield merge_chunks(ready)

    async def available(self, name: str) -> bool:
        return await self._llms[name].async_available()

    async def alive(self, name: str) -> bool:
        """Raises `BackendFailed` when the model can no longer answer."""
        await self._llms[name].async_check_alive()
        return True

    async def running(self) -> dict[str, int]:
        """Running calls in this replica, by model."""
        return {name: llm.running() for name, llm in self._llms.items()}

    async def check_health(self) -> None:
        """Loads the models, too: Serve calls this before a replica gets its first request."""
        for llm in self._llms.values():
            await llm.async_start()
            await llm.async_check_health()
        if not self._loaded:
            self._loaded = True
            begin_serving()
