"""What a `Runner` is working on, of which it tells nobody."""

import asyncio

from genai.runs.runner import Runner


def is_busy(runner: Runner) -> bool:
    """Whether it works on a run."""
    return bool(runner._tasks)


async def async_idle(runner: Runner) -> None:
    """Wait until it works on no run."""
    while runner._tasks:
        await asyncio.wait(runner._tasks)
