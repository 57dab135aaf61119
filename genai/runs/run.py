"""A durable run: a question that is worked on until it is answered, even if processes die."""

from typing import Annotated, Literal

from pydantic import Field

from genai.errors import GenAIError
from genai.events import (
    ApprovalEvent,
    CitationEvent,
    DoneEvent,
    RestartEvent,
    StepEvent,
    TokenEvent,
)
from genai.messages import Decision, Question, Value

Status = Literal["running", "waiting", "done", "failed"]
"""``waiting`` is for a person's approval; ``failed`` runs are not tried again."""


class Run(Value):
    """``question`` has passed the input checks; ``decisions`` are theirs.

    ``metadata`` is the caller's, and is returned with the answer.
    """

    id: str
    question: Question
    decisions: tuple[Decision, ...] = ()
    metadata: dict[str, str] = {}
    created_at: float


class RunState(Value):
    """The progress of a run. ``approval_id`` is the approval it waits for."""

    user: str
    status: Status
    approval_id: str = ""
    events: int = 0


class FailedEvent(Value):
    """The end of a failed run: the error as the caller may see it."""

    type: Literal["error"] = "error"
    code: str
    message: str
    status: int


RunEvent = Annotated[
    TokenEvent | RestartEvent | StepEvent | CitationEvent | ApprovalEvent | DoneEvent | FailedEvent,
    Field(discriminator="type"),
]


class RunFailed(GenAIError):
    """The error of a failed run, raised again for those who ask for its answer."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message, code, status)
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]
