"""The interface for reporting requests, steps, usage and decisions.

Every method returns at once and never raises: what cannot be recorded is dropped.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Protocol

from genai.messages import Answer, Completion, Decision, RequestContext, Usage
from genai.safety.retelling.detector import RETELLING


class Recorder(Protocol):
    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None:
        """A finished HTTP request."""
        ...

    def steps(self, context: RequestContext, seconds: dict[str, float]) -> None:
        """The duration of each step of a request, in seconds."""
        ...

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None:
        """The usage of a request."""
        ...

    def decisions(self, decisions: Sequence[Decision]) -> None:
        """Decisions of safety checks."""
        ...

    def degraded(self, model: str) -> None:
        """A fallback answered instead of the requested ``model``."""
        ...

    def in_flight(self, operation: str) -> AbstractContextManager[None]:
        """Counts as in flight while entered."""
        ...


class NoRecorder:
    """Records nothing. Base class of recorders that only need some of the methods."""

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None: ...

    def steps(self, context: RequestContext, seconds: dict[str, float]) -> None: ...

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None: ...

    def decisions(self, decisions: Sequence[Decision]) -> None: ...

    def degraded(self, model: str) -> None: ...

    def in_flight(self, operation: str) -> AbstractContextManager[None]:
        return nullcontext()


class Recorders:
    """Several recorders as one."""

    def __init__(self, recorders: Iterable[Recorder]) -> None:
        self._recorders = tuple(recorders)

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None:
        for recorder in self._recorders:
            recorder.request(
                request_id=request_id,
                operation=operation,
                status=status,
                seconds=seconds,
                tenant=tenant,
            )

    def steps(self, context: RequestContext, seconds: dict[str, float]) -> None:
        for recorder in self._recorders:
            recorder.steps(context, seconds)

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None:
        for recorder in self._recorders:
            recorder.usage(context, model, usage)

    def decisions(self, decisions: Sequence[Decision]) -> None:
        for recorder in self._recorders:
            recorder.decisions(decisions)

    def degraded(self, model: str) -> None:
        for recorder in self._recorders:
            recorder.degraded(model)

    @contextmanager
    def in_flight(self, operation: str) -> Iterator[None]:
        with ExitStack() as running:
            for recorder in self._recorders:
                running.enter_context(recorder.in_flight(operation))
            yield


_ELSEWHERE = ("retrieval", "tool")
"""Stages without a `RecordedGuard`."""


def record_answer(recorder: Recorder, context: RequestContext, answer: Answer) -> None:
    """Record everything that an answer reports about its making."""
    seconds = {step: ms / 1000 for step, ms in answer.timings_ms.items()}
    recorder.steps(context, seconds | {f"tool.{step.tool}": step.seconds for step in answer.steps})
    recorder.usage(context, answer.model, answer.usage)
    recorder.decisions([d for d in answer.safety if d.stage in _ELSEWHERE or d.check == RETELLING])
    if answer.degraded:
        recorder.degraded(answer.model)


def record_completion(
    recorder: Recorder, context: RequestContext, completion: Completion, seconds: float
) -> None:
    """Record a direct call of a model."""
    recorder.steps(context, {"completion": seconds})
    recorder.usage(context, completion.model, completion.usage)
    if completion.degraded:
        recorder.degraded(completion.model)
