"""Read access for the owner of a run: state, answer and events."""

import time
from collections.abc import AsyncIterator, Callable

from genai.access.principal import Principal
from genai.errors import InvalidInput, NotFound
from genai.events import DoneEvent
from genai.messages import Answer, Value
from genai.runs.notifier import RunNotifier
from genai.runs.run import FailedEvent, Run, RunEvent, RunState
from genai.runs.store import RunStore

NO_SUCH_RUN = "no such run"
FIRST_LOOK_S = 0.02
SLOWEST_LOOK_S = 0.5


class RunView(Value):
    """``answer`` is the latest; of a waiting run, the one before it began to wait."""

    id: str
    state: RunState
    answer: Answer | None = None
    failure: FailedEvent | None = None


class RunReader:
    """Runs of others count as not found. Raises `NotFound`, and what the store raises."""

    def __init__(
        self, runs: RunStore, notifier: RunNotifier, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._runs = runs
        self._notifier = notifier
        self._clock = clock

    async def async_run(self, principal: Principal, run_id: str) -> Run:
        run = await self._runs.async_run(principal.tenant, run_id)
        if run is None or run.question.context.user != principal.user:
            raise NotFound(NO_SUCH_RUN)
        return run

    async def async_view(self, principal: Principal, run_id: str) -> RunView:
        state, events = await self._read(principal, run_id, 0)
        answers = [event.answer for event in events if isinstance(event, DoneEvent)]
        failures = [event for event in events if isinstance(event, FailedEvent)]
        return RunView(
            id=run_id,
            state=state,
            answer=answers[-1] if answers else None,
            failure=failures[-1] if failures else None,
        )

    async def async_follow(
        self, principal: Principal, run_id: str, *, after: int, until: float
    ) -> AsyncIterator[tuple[int, RunEvent]]:
        """The numbered events after the first ``after``, as they come.

        Ends with the run, at ``until``, or when the run begins to wait for an approval. Reconnect for
        the events after the decision.
        """
        state, events = await self._read(principal, run_id, after)
        if after > state.events:
            raise InvalidInput("this run has no event with that number")
        position, pause = after, FIRST_LOOK_S
        while True:
            for event in events:
                position += 1
                yield position, event
            if state.status in ("done", "failed"):
                return
            if state.status == "waiting" and position > after:
                return
            if self._clock() >= until:
                return
            pause = FIRST_LOOK_S if events else min(2 * pause, SLOWEST_LOOK_S)
            await self._notifier.async_wait(run_id, at_most_s=pause)
            state, events = await self._read(principal, run_id, position)

    async def _read(
        self, principal: Principal, run_id: str, after: int
    ) -> tuple[RunState, tuple[RunEvent, ...]]:
        found = await self._runs.async_read(principal.tenant, run_id, after=after)
        if found is None or found[0].user != principal.user:
            raise NotFound(NO_SUCH_RUN)
        return found
