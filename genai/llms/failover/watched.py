"""Fails fast while the process that hosts a model is not alive."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from genai.base.llm import BaseLLM, WrappedLLM
from genai.errors import BackendFailed
from genai.llms.spent import note_spent, spent_by
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.circuit import Circuit
from genai.reliability.liveness import LivenessWatch
from genai.reliability.probe import Probe
from genai.streams import closing

COOLDOWN_S = 2.0
"""Time between liveness probes of a model that was found dead."""


class Silent(BackendFailed):
    """The process of the model did not answer a liveness check. It may only be overloaded."""


class WatchedLLM(WrappedLLM):
    """For a model in another process, when there is a fallback for it."""

    def __init__(
        self, inner: BaseLLM, patience_s: float, *, cooldown_s: float = COOLDOWN_S
    ) -> None:
        super().__init__(inner)
        self.unwatched = inner
        self._watch = LivenessWatch(inner.async_check_health, patience_s)
        self._circuit = Circuit(failures=1, cooldown_s=cooldown_s)
        self._probe = Probe(self._circuit, inner.async_check_health)

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._guarded():
            return await self._watch.whole(self._inner.async_chat(request))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._guarded():
            async with closing(self._watch.each(self._inner.async_stream(request))) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def async_close(self) -> None:
        self._probe.close()
        await self._inner.async_close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Opens the circuit only for failed liveness checks: a model that raises an error is alive."""
        if not self._probe.allows():
            raise Silent("the process of the model does not answer at the moment")
        before = self._watch.given_up
        try:
            yield
        except BackendFailed as error:
            if self._watch.given_up > before:
                self._probe.fail()
                silent = Silent(error.message)
                note_spent(silent, spent_by(error) or Usage())
                raise silent from error
            self._circuit.succeed()
            raise
        except BaseException:
            self._circuit.forget()
            raise
        self._circuit.succeed()
