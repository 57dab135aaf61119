"""The events of a streamed answer, before the output checks and after them."""

from typing import Annotated, Literal

from pydantic import Field

from genai.messages import Answer, ApprovalRequest, Citation, Draft, Route, Step, Usage, Value


class TokenEvent(Value):
    """More text of the answer: any number of tokens."""

    type: Literal["token"] = "token"
    text: str


class StepEvent(Value):
    type: Literal["step"] = "step"
    step: Step


class CitationEvent(Value):
    type: Literal["citation"] = "citation"
    citation: Citation


class ApprovalEvent(Value):
    """The run waits for a person. Sent again, unchanged, if the run is repeated."""

    type: Literal["approval"] = "approval"
    approval: ApprovalRequest


class RestartEvent(Value):
    """A model was interrupted and another answer begins (`Sampling.on_break`): earlier tokens are void."""

    type: Literal["restart"] = "restart"
    degraded: str | None = None


class SpentEvent(Value):
    """The usage so far. Internal: never sent to callers."""

    type: Literal["spent"] = "spent"
    usage: Usage


class RouteEvent(Value):
    """The route of the rest of the answer. Internal: never sent to callers."""

    type: Literal["route"] = "route"
    route: Route


class DraftEvent(Value):
    """The end of an unchecked stream; its text is the concatenation of all the tokens."""

    type: Literal["draft"] = "draft"
    draft: Draft


class DoneEvent(Value):
    """The end of a checked stream."""

    type: Literal["done"] = "done"
    answer: Answer


DraftStreamEvent = Annotated[
    TokenEvent
    | RestartEvent
    | StepEvent
    | CitationEvent
    | ApprovalEvent
    | SpentEvent
    | RouteEvent
    | DraftEvent,
    Field(discriminator="type"),
]
AnswerEvent = Annotated[
    TokenEvent | RestartEvent | StepEvent | CitationEvent | ApprovalEvent | DoneEvent,
    Field(discriminator="type"),
]
