"""Falls back to a second guard with the same rules while the first one is unreachable."""

from genai.errors import GuardUnavailable
from genai.messages import RequestContext
from genai.reliability.circuit import Circuit
from genai.safety.base import Guard, Stage, Verdict

COOLDOWN_S = 1.0


class FallbackGuard(Guard):
    """Asks ``second`` when ``first`` cannot run, and for one second after. Nothing passes unchecked.

    Raises `GuardUnavailable` when neither can run.
    """

    def __init__(self, first: Guard, second: Guard, circuit: Circuit | None = None) -> None:
        self._first = first
        self._second = second
        self._circuit = circuit or Circuit(failures=1, cooldown_s=COOLDOWN_S)

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        if not self._circuit.allows():
            return await self._second.async_inspect(text, stage, context, final=final, start=start)
        try:
            verdict = await self._first.async_inspect(
                text, stage, context, final=final, start=start
            )
        except GuardUnavailable:
            self._circuit.fail()
            return await self._second.async_inspect(text, stage, context, final=final, start=start)
        except BaseException:
            self._circuit.forget()
            raise
        self._circuit.succeed()
        return verdict
