import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from genai.embeddings.batching import MicroBatcher


class GatedWork:
    """Embeds a text as its length, but only once the gate is open."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.started = threading.Event()

    def __call__(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(texts)
        self.started.set()
        self.gate.wait(5)
        if "broken" in texts:
            raise RuntimeError("the model failed")
        return [[float(len(text))] for text in texts]


async def started(work: GatedWork) -> None:
    await asyncio.to_thread(work.started.wait, 5)


async def test_requests_that_arrive_while_a_batch_runs_share_the_next_one() -> None:
    work = GatedWork()
    with ThreadPoolExecutor(1) as pool:
        batcher = MicroBatcher(work, pool)
        first = asyncio.create_task(batcher.submit(["a"]))
        await started(work)
        others = [asyncio.create_task(batcher.submit([text])) for text in ("bb", "ccc")]
        await asyncio.sleep(0)
        work.gate.set()
        results = await asyncio.gather(first, *others)

    assert results == [[[1.0]], [[2.0]], [[3.0]]]
    assert work.batches == [["a"], ["bb", "ccc"]]


async def test_a_batch_takes_no_more_texts_than_allowed() -> None:
    work = GatedWork()
    work.gate.set()
    with ThreadPoolExecutor(1) as pool:
        batcher = MicroBatcher(work, pool, max_texts=2)
        await asyncio.gather(*(batcher.submit([text, text]) for text in "abc"))

    assert work.batches == [["a", "a"], ["b", "b"], ["c", "c"]]


async def test_a_cancelled_request_is_not_computed() -> None:
    work = GatedWork()
    with ThreadPoolExecutor(1) as pool:
        batcher = MicroBatcher(work, pool)
        first = asyncio.create_task(batcher.submit(["a"]))
        await started(work)
        abandoned = asyncio.create_task(batcher.submit(["b"]))
        await asyncio.sleep(0)
        abandoned.cancel()
        await asyncio.gather(abandoned, return_exceptions=True)
        work.gate.set()
        await first

    assert work.batches == [["a"]]


async def test_a_failure_reaches_its_callers_and_the_next_batch_works() -> None:
    work = GatedWork()
    work.gate.set()
    with ThreadPoolExecutor(1) as pool:
        batcher = MicroBatcher(work, pool)
        with pytest.raises(RuntimeError):
            await batcher.submit(["broken"])

        assert await batcher.submit(["fine"]) == [[4.0]]
