import asyncio

from genai.runs.notifier import RunNotifier


async def test_followers_are_woken_by_their_own_run_only() -> None:
    notifier = RunNotifier()
    waiting = [asyncio.create_task(notifier.async_wait("run_1", at_most_s=60)) for _ in range(2)]
    other = asyncio.create_task(notifier.async_wait("run_2", at_most_s=60))
    await asyncio.sleep(0)

    notifier.notify("run_1")

    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert not other.done()
    other.cancel()


async def test_a_wait_ends_after_its_limit() -> None:
    async with asyncio.timeout(5):
        await RunNotifier().async_wait("run_1", at_most_s=0.01)


async def test_no_state_remains_of_runs_that_end_in_another_process() -> None:
    notifier = RunNotifier()
    for number in range(3):
        await notifier.async_wait(f"run_{number}", at_most_s=0.001)

    assert not notifier._waiting
