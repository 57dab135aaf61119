import asyncio

from genai.runs.notifier import RunNotifier


async def test_all_who_follow_a_run_are_woken_by_it_and_by_no_other() -> None:
    notifier = RunNotifier()
    waiting = [asyncio.create_task(notifier.async_wait("run_1", at_most_s=60)) for _ in range(2)]
    other = asyncio.create_task(notifier.async_wait("run_2", at_most_s=60))
    await asyncio.sleep(0)

    notifier.notify("run_1")

    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert not other.done()
    other.cancel()


async def test_nobody_waits_longer_than_he_wants() -> None:
    async with asyncio.timeout(5):
        await RunNotifier().async_wait("run_1", at_most_s=0.01)


async def test_nothing_is_kept_of_runs_that_end_in_another_process() -> None:
    notifier = RunNotifier()
    for number in range(3):
        await notifier.async_wait(f"run_{number}", at_most_s=0.001)

    assert not notifier._waiting
