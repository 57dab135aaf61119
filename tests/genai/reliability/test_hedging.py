import asyncio
from collections.abc import Awaitable, Callable

import pytest

from genai.errors import BackendFailed
from genai.reliability.hedging import MOST_TRIES, hedged_call

PATIENCE_S = 0.01


class Server:
    """The first ``hanging`` calls never end; later ones return their number."""

    def __init__(self, hanging: int, *, error: Exception | None = None) -> None:
        self.begun = self.cancelled = self.asked = 0
        self._hanging = hanging
        self._error = error

    def begin(self) -> Awaitable[int]:
        self.begun += 1
        return self._call(self.begun)

    async def _call(self, number: int) -> int:
        try:
            if number <= self._hanging:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self._error:
            raise self._error
        return number

    def hangs(self, *found: bool) -> Callable[[], Awaitable[bool]]:
        answers = iter(found)

        async def hangs() -> bool:
            self.asked += 1
            return next(answers)

        return hangs


async def test_an_answered_call_is_made_once() -> None:
    server = Server(0)

    assert await hedged_call(server.begin, server.hangs(), patience_s=PATIENCE_S) == 1
    assert server.asked == 0


async def test_a_hanging_call_is_repeated_and_cancelled() -> None:
    server = Server(1)

    assert await hedged_call(server.begin, server.hangs(True), patience_s=PATIENCE_S) == 2
    assert server.cancelled == 1


async def test_a_busy_server_gets_no_second_call() -> None:
    server = Server(1)
    call = hedged_call(server.begin, server.hangs(False, False, False, True), patience_s=PATIENCE_S)

    assert await call == 2
    assert (server.begun, server.asked) == (2, 4)


async def test_a_server_that_always_hangs_is_not_called_for_ever() -> None:
    server = Server(99)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await hedged_call(server.begin, server.hangs(*[True] * 99), patience_s=PATIENCE_S)
    assert server.begun == server.cancelled == MOST_TRIES


async def test_errors_of_a_call_are_raised() -> None:
    server = Server(0, error=BackendFailed("no"))

    with pytest.raises(BackendFailed):
        await hedged_call(server.begin, server.hangs(), patience_s=PATIENCE_S)


async def test_cancelling_the_caller_cancels_all_calls() -> None:
    server = Server(99)
    call = asyncio.ensure_future(
        hedged_call(server.begin, server.hangs(True), patience_s=PATIENCE_S)
    )
    await asyncio.sleep(PATIENCE_S / 2)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert server.cancelled == server.begun
