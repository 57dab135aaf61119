"""A question that is worked on until it is answered, whoever dies meanwhile."""

from typing import Annotated, Literal

from pydantic import Field

from genai.errors import GenAIError
from genai.messages import (
    ApprovalEvent,
    CitationEvent,
    Decision,
    DoneEvent,
    Question,
    RestartEvent,
    StepEvent,
    TokenEvent,
    Value,
)

Status = Literal["running", "waiting", "done", "failed"]
"""``waiting`` is for a person's approval; ``failed`` runs are not tried again."""


class Run(Value):
    """``question`` has passed the checks of what comes in, and ``decisions`` is what they said.

    ``metadata`` is the caller's, and comes back with the answer.
    """

    id: str
    question: Question
    decisions: tuple[Decision, ...] = ()
    metadata: dict[str, str] = {}
    created_at: float


class RunState(Value):
    """How far a run is. ``approval_id`` is what it waits for."""

    user: str
    status: Status
    approval_id: str = ""
    events: int = 0


class FailedEvent(Value):
    """The end of a run that could not be finished: an error as a caller may see it."""

    type: Literal["error"] = "error"
    code: str
    message: str
    status: int


RunEvent = Annotated[
    TokenEvent | RestartEvent | StepEvent | CitationEvent | ApprovalEvent | DoneEvent | FailedEvent,
    Field(discriminator="type"),
]


class RunFailed(GenAIError):
    """What a failed run tells whoever asks for its answer."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message, code, status)
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]
