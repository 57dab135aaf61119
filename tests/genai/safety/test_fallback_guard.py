import pytest

from genai.errors import GuardUnavailable
from genai.messages import RequestContext
from genai.reliability.circuit import Circuit
from genai.safety.base import Stage, Verdict
from genai.safety.fallback_guard import FallbackGuard
from tests.support.answering import WordGuard, context


class Gone:
    """A guard that cannot run."""

    def __init__(self) -> None:
        self.asked = 0

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        self.asked += 1
        raise GuardUnavailable("gone")


async def test_the_stand_in_decides_when_the_first_guard_cannot_run() -> None:
    guard = FallbackGuard(Gone(), WordGuard())

    assert (await guard.async_inspect("a bomb", "input", context())).action == "block"
    assert (await guard.async_inspect("a word", "input", context())).action == "allow"


async def test_nothing_passes_when_neither_can_run() -> None:
    guard = FallbackGuard(Gone(), Gone())

    for _ in range(2):
        with pytest.raises(GuardUnavailable):
            await guard.async_inspect("a word", "input", context())


async def test_a_guard_that_could_not_run_is_left_alone_for_a_while_and_then_asked_again() -> None:
    now = 0.0
    gone = Gone()
    circuit = Circuit(failures=1, cooldown_s=1.0, clock=lambda: now)
    guard = FallbackGuard(gone, WordGuard(), circuit)

    await guard.async_inspect("one", "input", context())
    await guard.async_inspect("two", "input", context())
    assert gone.asked == 1

    now = 2.0
    await guard.async_inspect("three", "input", context())
    assert gone.asked == 2


async def test_the_stand_in_is_not_asked_while_the_first_guard_runs() -> None:
    second = WordGuard()
    guard = FallbackGuard(WordGuard(), second)

    await guard.async_inspect("a word", "input", context())

    assert second.seen == []
