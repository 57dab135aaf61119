"""Looks beside the calls whether somebody is back, so that none of them has to find out."""

import asyncio
import time

from genai.errors import BackendFailed
from genai.reliability.circuit import Circuit, State
from genai.reliability.watch import Check

LOOKS_FOR_S = 600.0
"""After a failure; then only calls begin to look again, lest a service that is gone is asked for ever."""

LEAST_PAUSE_S = 0.01


class Probe:
    """For callers that have another to turn to as long as ``circuit`` is not closed.

    From a failure on it looks by itself, once after each cooldown of the circuit, until somebody is back.
    The looking ends with the event loop, by `close`, or after ``looks_for_s``.
    """

    def __init__(self, circuit: Circuit, check: Check, *, looks_for_s: float = LOOKS_FOR_S) -> None:
        self._circuit = circuit
        self._check = check
        self._looks_for_s = looks_for_s
        self._looking: asyncio.Task[None] | None = None

    def allows(self) -> bool:
        """Whether to call now. A yes is followed by one of `succeed` and `forget` of the circuit, or by
        `fail`. It is no until a look has found somebody.
        """
        if self._circuit.state is State.CLOSED:
            return self._circuit.allows()
        self._begin()
        return False

    def fail(self) -> None:
        """Nobody was there."""
        self._circuit.fail()
        if self._circuit.state is not State.CLOSED:
            self._begin()

    def close(self) -> None:
        """Look no longer. Safe to call twice."""
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_back())

    async def _look_until_back(self) -> None:
        until = time.monotonic() + self._looks_for_s
        while self._circuit.state is not State.CLOSED and time.monotonic() < until:
            await asyncio.sleep(max(LEAST_PAUSE_S, self._circuit.retry_after_s))
            await self._look()

    async def _look(self) -> None:
        if self._circuit.state is not State.HALF_OPEN or not self._circuit.allows():
            return
        try:
            await self._check()
        except BackendFailed:
            self._circuit.fail()
        except BaseException:
            self._circuit.forget()
            raise
        else:
            self._circuit.succeed()
