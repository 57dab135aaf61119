import asyncio

from genai.llms.batching import Batcher


def batcher(ran: list[list[int]], gate: asyncio.Event, max_size: int = 3) -> Batcher[int]:
    async def run(items: list[int]) -> None:
        ran.append(items)
        await gate.wait()

    return Batcher(run, max_size=max_size, wait_s=0.0, key=lambda item: item % 2)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_items_of_one_key_that_arrive_together_run_in_one_batch() -> None:
    ran: list[list[int]] = []
    gate = asyncio.Event()
    gate.set()
    gathering = batcher(ran, gate)

    for item in (1, 2, 3, 4, 5, 7):
        gathering.submit(item)
    await settle()

    assert ran == [[1, 3, 5], [2, 4], [7]]


async def test_items_that_arrive_while_a_batch_runs_wait_for_the_next() -> None:
    ran: list[list[int]] = []
    gate = asyncio.Event()
    gathering = batcher(ran, gate)
    gathering.submit(1)
    await settle()

    gathering.submit(3)
    gathering.submit(5)
    await settle()
    assert ran == [[1]]
    gate.set()
    await settle()

    assert ran == [[1], [3, 5]]


async def test_closing_cancels_the_running_batch_and_drops_the_waiting_items() -> None:
    ran: list[list[int]] = []
    gathering = batcher(ran, asyncio.Event())
    for item in (1, 2):
        gathering.submit(item)
    await settle()

    await gathering.close()

    assert ran == [[1]]
