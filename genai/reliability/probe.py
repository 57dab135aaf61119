"""Looks beside the calls whether somebody is back, so that none of them has to find out."""

import asyncio

from genai.errors import BackendFailed
from genai.reliability.circuit import Circuit, State
from genai.reliability.watch import Check


class Probe:
    """For callers that have another to turn to as long as ``circuit`` is not closed."""

    def __init__(self, circuit: Circuit, check: Check) -> None:
        self._circuit = circuit
        self._check = check
        self._looking: asyncio.Task[None] | None = None

    def allows(self) -> bool:
        """Whether to call now. A yes is followed by one of `succeed`, `fail` and `forget` of the circuit.

        After its cooldown the answer is still no, until a look that this begins has found somebody.
        """
        if self._circuit.state is State.CLOSED:
            return self._circuit.allows()
        if self._circuit.allows():
            self._looking = asyncio.create_task(self._look())
        return False

    async def _look(self) -> None:
        try:
            await self._check()
        except BackendFailed:
            self._circuit.fail()
        except BaseException:
            self._circuit.forget()
            raise
        else:
            self._circuit.succeed()
