"""Probes an open circuit in the background, so that no request has to be the probe."""

import asyncio
import time

from genai.errors import BackendFailed
from genai.reliability.circuit import Circuit, CircuitState
from genai.reliability.liveness import Check

LOOKS_FOR_S = 600.0
"""Longest probing after a failure. Later, only a new call starts it again."""

LEAST_PAUSE_S = 0.01


class Probe:
    """For callers with a fallback that they use while ``circuit`` is not closed.

    After a failure it runs ``check`` once per cooldown until that succeeds. Probing ends with the event
    loop, by `close`, or after ``looks_for_s``.
    """

    def __init__(self, circuit: Circuit, check: Check, *, looks_for_s: float = LOOKS_FOR_S) -> None:
        self._circuit = circuit
        self._check = check
        self._looks_for_s = looks_for_s
        self._looking: asyncio.Task[None] | None = None

    def allows(self) -> bool:
        """Whether to call now; false until a probe has succeeded.

        After true, the circuit's `succeed` or `forget`, or `fail` must be called.
        """
        if self._circuit.state is CircuitState.CLOSED:
            return self._circuit.allows()
        self._begin()
        return False

    def fail(self) -> None:
        """The call found the other process not alive."""
        self._circuit.fail()
        if self._circuit.state is not CircuitState.CLOSED:
            self._begin()

    def close(self) -> None:
        """Stop probing. Safe to call twice."""
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_back())

    async def _look_until_back(self) -> None:
        until = time.monotonic() + self._looks_for_s
        while self._circuit.state is not CircuitState.CLOSED and time.monotonic() < until:
            await asyncio.sleep(max(LEAST_PAUSE_S, self._circuit.retry_after_s))
            await self._look()

    async def _look(self) -> None:
        if self._circuit.state is not CircuitState.HALF_OPEN or not self._circuit.allows():
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
