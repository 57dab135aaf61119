"""Does not wait for a model that is not there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.wrapped import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion
from genai.streams import closing


class WatchedLLM(WrappedLLM):
    """Asks for the model's health when nothing comes for ``patience_s``; a sick model has failed.

    For a model of another process that others can stand in for: while nobody runs it, a call would
    wait for the next replica, and one to a process that hangs would wait for its end.
    """

    def __init__(self, inner: BaseLLM, patience_s: float) -> None:
        super().__init__(inner)
        self.unwatched = inner
        self._patience_s = patience_s

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._watch() as watch, watch.waiting():
            return await self._inner.async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._watch() as watch:
            async with closing(self._inner.async_stream(request)) as chunks:
                while True:
                    with watch.waiting():
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    yield chunk

    @contextmanager
    def _watch(self) -> Iterator["_Watch"]:
        watch = _Watch(self._inner, self._patience_s)
        try:
            yield watch
        finally:
            watch.end()


class _Watch:
    """Ends a wait by `BackendFailed` once the model is found to be sick."""

    def __init__(self, llm: BaseLLM, patience_s: float) -> None:
        self._llm = llm
        self._patience_s = patience_s
        self._waits = 0
        self._waiter: asyncio.Task[object] | None = None
        self._found: BackendFailed | None = None
        self._watching = asyncio.ensure_future(self._look())

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._waits += 1
        self._waiter = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            if self._found is None or self._waiter is None:
                raise
            self._waiter.uncancel()
            raise self._found from None
        finally:
            self._waiter = None

    def end(self) -> None:
        self._watching.cancel()

    async def _look(self) -> None:
        while True:
            waits = self._waits
            await asyncio.sleep(self._patience_s)
            if self._waiter is None or self._waits != waits:
                continue
            try:
                await self._llm.async_check_health()
            except BackendFailed as error:
                if self._waiter is not None and self._waits == waits:
                    self._found = error
                    self._waiter.cancel()
                    return
