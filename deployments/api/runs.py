"""``/v1/runs/{run_id}``: the state and events of durable runs."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

from pydantic import BaseModel, Field

from deployments.api.answers import GeneratedAnswer, answer_object, encode_error, encode_event
from deployments.api.call import Call, Reply, reply
from deployments.api.errors import error_object
from deployments.api.schemas import ErrorDetail
from deployments.api.sse import EventStream, event, numbered
from genai.errors import InvalidInput
from genai.events import DoneEvent
from genai.messages import Usage, Value
from genai.runs.run import FailedEvent, Run, RunEvent, RunFailed

LAST_EVENT = "last-event-id"

BEFORE_THE_DEADLINE_S = 0.5
"""A stream that ends at this limit is not an error: its client reconnects for the rest."""


class RunStatus(BaseModel):
    id: str
    status: Literal["running", "waiting", "done", "failed"] = Field(
        description="`waiting` is for an approval."
    )
    approval_id: str | None = Field(description="What it waits for.")
    answer: GeneratedAnswer | None = Field(description="The last one that it gave.")
    error: ErrorDetail | None


class RunNamed(Value):
    """The first event of every stream, with the id to reconnect by."""

    run_id: str


async def get_run(call: Call, body: None) -> Reply:
    """The state of one of the caller's own runs, and its answer."""
    return reply(await _status(call, call.identifier("run_id")))


async def follow_run(call: Call, body: None) -> EventStream:
    """The events of a run of one's own: all, or those behind the one that `Last-Event-ID` names.

    Ends with the run, and when the run begins to wait for an approval: come back with the header
    after the decision, and hear the rest. A stream that ends without `done` or `error` ran out of
    time: come back at once.
    """
    return await stream(call, call.identifier("run_id"), after=_last_event(call))


async def stream(call: Call, run_id: str, *, after: int = 0) -> EventStream:
    """The events after the first ``after``, numbered from 1."""
    call.usage = Usage()
    run = await call.services.runs.async_run(call.principal, run_id)
    encode = _encoder(call, run, run_id)
    return EventStream(_told(call, run_id, after), encode, encode_error, lambda: True)


async def wait(call: Call, run_id: str) -> Reply:
    """The answer of the run, also when it waits for an approval; its status if that takes too long."""
    run = await call.services.runs.async_run(call.principal, run_id)
    async for _, told in _followed(call, run_id, 0):
        if isinstance(told, FailedEvent):
            raise _raised(told)
        if isinstance(told, DoneEvent):
            return reply(answer_object(call, told.answer, run.metadata, run_id))
    return reply(await _status(call, run_id), 202)


async def _status(call: Call, run_id: str) -> dict[str, Any]:
    run = await call.services.runs.async_run(call.principal, run_id)
    view = await call.services.runs.async_view(call.principal, run_id)
    request_id = run.question.context.request_id
    return {
        "id": run_id,
        "status": view.state.status,
        "approval_id": view.state.approval_id or None,
        "answer": answer_object(call, view.answer, run.metadata, run_id) if view.answer else None,
        "error": error_object(_raised(view.failure), request_id) if view.failure else None,
    }


async def _told(
    call: Call, run_id: str, after: int
) -> AsyncIterator[tuple[int, RunNamed | RunEvent]]:
    if after == 0:
        yield 1, RunNamed(run_id=run_id)
    async for number, told in _followed(call, run_id, max(0, after - 1)):
        yield number + 1, told


def _followed(call: Call, run_id: str, after: int) -> AsyncIterator[tuple[int, RunEvent]]:
    until = call.deadline - BEFORE_THE_DEADLINE_S
    return call.services.runs.async_follow(call.principal, run_id, after=after, until=until)


def _encoder(
    call: Call, run: Run, run_id: str
) -> Callable[[tuple[int, RunNamed | RunEvent]], bytes]:
    """Deterministic: the same event always has the same bytes."""
    request_id = run.question.context.request_id

    def encode(item: tuple[int, RunNamed | RunEvent]) -> bytes:
        number, told = item
        match told:
            case RunNamed():
                block = event("run", vars(told))
            case FailedEvent():
                block = encode_error(_raised(told), request_id)
            case _:
                block = encode_event(call, told, run.metadata, run_id)
        return numbered(number, block)

    return encode


def _raised(failure: FailedEvent) -> RunFailed:
    return RunFailed(failure.message, failure.code, failure.status)


def _last_event(call: Call) -> int:
    given = call.headers.get(LAST_EVENT.encode(), b"0").decode("latin-1").strip()
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidInput("Last-Event-ID must be the id of an event of this run", LAST_EVENT)
    return int(given)
