"""Micro-batching: requests that arrive while a batch runs form the next one."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Job:
    texts: Sequence[str]
    done: asyncio.Future[list[list[float]]]


class MicroBatcher:
    """Runs ``work`` on an executor, one batch at a time.

    There is no waiting for a fuller batch: it starts as soon as the last one ends, with all requests so
    far, up to ``max_texts``. A larger request is a batch of its own.
    """

    def __init__(
        self,
        work: Callable[[list[str]], list[list[float]]],
        executor: Executor,
        *,
        max_texts: int = 64,
    ) -> None:
        self._work = work
        self._executor = executor
        self._max_texts = max_texts
        self._waiting: list[_Job] = []
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, texts: Sequence[str]) -> list[list[float]]:
        """One result a text. What is cancelled before its batch starts is not computed."""
        loop = asyncio.get_running_loop()
        job = _Job(texts, loop.create_future())
        self._waiting.append(job)
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        return await job.done

    async def _run(self) -> None:
        while batch := self._next_batch():
            texts = [text for job in batch for text in job.texts]
            loop = asyncio.get_running_loop()
            try:
                results = await loop.run_in_executor(self._executor, self._work, texts)
            except Exception as error:  # goes to every caller of the batch
                _fail(batch, error)
            else:
                _deliver(batch, results)

    def _next_batch(self) -> list[_Job]:
        self._waiting = [job for job in self._waiting if not job.done.done()]
        size, count = 0, 0
        for job in self._waiting:
            if count and size + len(job.texts) > self._max_texts:
                break
            size += len(job.texts)
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch


def _deliver(batch: list[_Job], results: list[list[float]]) -> None:
    position = 0
    for job in batch:
        if not job.done.done():
            job.done.set_result(results[position : position + len(job.texts)])
        position += len(job.texts)


def _fail(batch: list[_Job], error: Exception) -> None:
    for job in batch:
        if not job.done.done():
            job.done.set_exception(error)
