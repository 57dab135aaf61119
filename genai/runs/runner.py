"""Works on durable runs until they are over. Runs abandoned by one process are taken over by another.

begin ─▶ claim ─▶ attempt ─▶ done, failed
           ▲         ├─▶ waiting ──(a person decides)──┐
           └─────────┴── broke off, process died ◀─────┘
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from genai.access.limits import LimitHeaders
from genai.approvals.approval import Approval, Ruling
from genai.approvals.store import ApprovalStore
from genai.errors import (
    BackendFailed,
    GenAIError,
    Misconfigured,
    OperatorError,
    RateLimited,
    TryLater,
)
from genai.events import AnswerEvent, DoneEvent, TokenEvent
from genai.llms.spending import spending
from genai.memory.wait_budget import outside_of_requests
from genai.messages import Decision, Question, Usage
from genai.meter import Meter
from genai.runs.charge import Charge, Charges
from genai.runs.fast_forward import FastForward
from genai.runs.notifier import RunNotifier
from genai.runs.run import FailedEvent, Run, RunEvent
from genai.runs.store import RunAttempt, RunStore
from genai.streams import closing, ready_batches

logger = logging.getLogger(__name__)

TRIES: Final = 5
FIRST_PAUSE_S: Final = 0.5
LOOK_AT_WAITING_EVERY_S: Final = 30.0
AT_ONCE: Final = 64
"""Most runs that one process takes over from others, in addition to its own."""


class Answering(Protocol):
    async def async_admit(self, question: Question) -> tuple[Question, tuple[Decision, ...]]: ...

    def async_stream(
        self,
        question: Question,
        meter: Meter | None = None,
        *,
        input_decisions: Sequence[Decision] | None = None,
    ) -> AsyncIterator[AnswerEvent]: ...


class Superseded(Exception):
    """A later attempt has begun, so this one must stop."""


class Runner:
    """One per process. ``notifier`` wakes up followers of runs in this process."""

    def __init__(
        self,
        runs: RunStore,
        approvals: ApprovalStore,
        assistant: Answering,
        charges: Charges,
        notifier: RunNotifier,
        *,
        look_every_s: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._runs = runs
        self._approvals = approvals
        self._assistant = assistant
        self._charges = charges
        self._notifier = notifier
        self._look_every_s = look_every_s
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to look for abandoned runs."""
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep_for_ever())

    async def async_close(self) -> None:
        """Release all runs, for other processes to continue. Safe to call twice."""
        running = [task for task in (self._sweeper, *self._tasks) if task is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def async_begin(self, question: Question, metadata: dict[str, str]) -> LimitHeaders:
        """Start a run. Returns the asker's rate limit headers.

        Raises what limits and checks raise; then there is no run.
        """
        charge = await self._charges.async_admit(question)
        try:
            admitted, decisions = await self._assistant.async_admit(charge.question)
            kept = admitted.model_copy(update={"durable": True, "begins": False})
            run = Run(
                id=kept.run_id,
                question=kept,
                decisions=decisions,
                metadata=metadata,
                created_at=self._clock(),
            )
            await self._runs.async_create(run)
            attempt = await self._runs.async_claim(kept.context.tenant, run.id)
        except BaseException:
            await charge.async_settle(Usage())
            raise
        if attempt is None:
            await charge.async_settle(Usage())
        else:
            charge.question = kept
            self._spawn(self._attempt(attempt, charge))
        return charge.permit.headers

    async def async_wake(self, tenant: str, approval: Approval) -> None:
        """Continue a run after a decision on its approval."""
        run_id, approval_id = approval.request.run_id, approval.request.id
        if await self._runs.async_resume(tenant, run_id, approval_id):
            await self._take_up(tenant, run_id)

    async def async_sweep(self) -> None:
        """Take over abandoned runs."""
        for tenant, run_id in await self._runs.async_due():
            if len(self._tasks) < AT_ONCE:
                await self._look_at(tenant, run_id)

    # -- claiming runs -------------------------------------------------------------------------

    async def _sweep_for_ever(self) -> None:
        while True:
            with suppress(GenAIError):
                await self.async_sweep()
            await asyncio.sleep(self._look_every_s)

    async def _look_at(self, tenant: str, run_id: str) -> None:
        found = await self._runs.async_read(tenant, run_id)
        match found[0].status if found else "":
            case "running":
                await self._take_up(tenant, run_id)
            case "waiting" if found:
                await self._look_at_waiting(tenant, run_id, found[0].approval_id)
            case _:
                await self._runs.async_forget(tenant, run_id)

    async def _look_at_waiting(self, tenant: str, run_id: str, approval_id: str) -> None:
        """Continue the run if its approval is decided or has expired."""
        approval, now = await self._approvals.async_find(tenant, approval_id), self._clock()
        if approval is not None and approval.ruling is None:
            if now < approval.request.expires_at:
                at = min(approval.request.expires_at, now + LOOK_AT_WAITING_EVERY_S)
                await self._runs.async_look_at(tenant, run_id, at)
                return
            over = Ruling(verdict="expired", at=now)
            await self._approvals.async_rule(tenant, approval_id, over)
        if await self._runs.async_resume(tenant, run_id, approval_id):
            await self._take_up(tenant, run_id)

    async def _take_up(self, tenant: str, run_id: str) -> None:
        attempt = await self._runs.async_claim(tenant, run_id)
        if attempt is None:  # its process may have died: check again when the lease expires
            await self._runs.async_look_at(tenant, run_id, self._clock() + self._runs.lease_s)
        else:
            self._spawn(self._attempt(attempt))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, context=outside_of_requests())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- one attempt -------------------------------------------------------------------------------

    async def _attempt(self, attempt: RunAttempt, charge: Charge | None = None) -> None:
        me = asyncio.current_task()
        assert me is not None
        renewing = asyncio.create_task(self._renew(attempt, me))
        try:
            await self._work(attempt, charge)
        except Superseded:
            pass
        except asyncio.CancelledError:
            await self._release(attempt, again_in_s=0.0)
            raise
        except GenAIError as error:
            await self._give_up(attempt, error)
        except Exception:
            logger.exception("a run crashed", extra={"run_id": attempt.run.id})
            await self._give_up(attempt, GenAIError("something went wrong on our side"))
        finally:
            renewing.cancel()
            self._notifier.notify(attempt.run.id)

    async def _work(self, attempt: RunAttempt, charge: Charge | None) -> None:
        charge = charge or await self._charges.async_admit(attempt.run.question)
        with spending() as spent:
            try:
                usage = await self._append_answer(attempt, charge)
            except BaseException as error:
                await charge.async_settle_failed(error, spent)
                raise
        await charge.async_settle(usage)

    async def _append_answer(self, attempt: RunAttempt, charge: Charge) -> Usage:
        """Append the events of the answer; returns its usage."""
        run = attempt.run
        found = await self._runs.async_read(attempt.tenant, run.id)
        sent = found[1] if found else ()
        position, forward = len(sent), FastForward(sent)
        events = self._assistant.async_stream(
            charge.question, charge.meter, input_decisions=run.decisions
        )
        async with closing(ready_batches(events)) as batches:
            async for batch in batches:
                fresh = _merged([each for event in batch if (each := forward.fresh(event))])
                if fresh:
                    await self._append(attempt, fresh, position)
                    position += len(fresh)
                if fresh and isinstance(fresh[-1], DoneEvent):
                    await self._after(attempt, fresh[-1])
                    return fresh[-1].answer.usage
        raise BackendFailed("the answer was cut off")

    async def _append(self, attempt: RunAttempt, events: Sequence[RunEvent], after: int) -> None:
        last = events[-1]
        approval = last.answer.approval if isinstance(last, DoneEvent) else None
        written = await self._runs.async_append(
            attempt,
            events,
            after=after,
            status="waiting" if approval else "done" if isinstance(last, DoneEvent) else "running",
            approval_id=approval.id if approval else "",
        )
        if not written:
            raise Superseded
        self._notifier.notify(attempt.run.id)

    async def _after(self, attempt: RunAttempt, done: DoneEvent) -> None:
        """The decision may have come before the run began to wait."""
        if done.answer.approval is None:
            await self._runs.async_forget(attempt.tenant, attempt.run.id)
        else:
            approval_id = done.answer.approval.id
            await self._look_at_waiting(attempt.tenant, attempt.run.id, approval_id)

    async def _renew(self, attempt: RunAttempt, working: asyncio.Task[None]) -> None:
        """Renew the lease; stop the work when a later attempt has begun."""
        while True:
            await asyncio.sleep(self._runs.lease_s / 3)
            with suppress(BackendFailed):
                if not await self._runs.async_renew(attempt):
                    working.cancel()
                    return

    async def _give_up(self, attempt: RunAttempt, error: GenAIError) -> None:
        """Release the run for a retry, or fail it for good."""
        if _may_pass(error) and attempt.tries < TRIES:
            pause = FIRST_PAUSE_S * 2 ** (attempt.tries - 1)
            await self._release(attempt, again_in_s=pause)
            return
        failed = FailedEvent(code=error.code, message=error.message, status=error.status)
        with suppress(BackendFailed):
            found = await self._runs.async_read(attempt.tenant, attempt.run.id)
            after = found[0].events if found else 0
            await self._runs.async_append(attempt, (failed,), after=after, status="failed")

    async def _release(self, attempt: RunAttempt, *, again_in_s: float) -> None:
        """Release the run. If Redis does not answer, the lease expires by itself."""
        with suppress(BackendFailed):
            await self._runs.async_release(attempt, again_in_s=again_in_s)


def _may_pass(error: GenAIError) -> bool:
    if isinstance(error, Misconfigured) or (
        isinstance(error, BackendFailed) and not error.retryable
    ):
        return False
    return isinstance(error, TryLater | OperatorError | RateLimited)


def _merged(events: Sequence[AnswerEvent]) -> list[AnswerEvent]:
    """The events with adjacent tokens joined."""
    merged: list[AnswerEvent] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(event, TokenEvent) and isinstance(last, TokenEvent):
            merged[-1] = TokenEvent(text=last.text + event.text)
        else:
            merged.append(event)
    return merged
