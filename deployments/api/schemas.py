"""What request bodies have in common."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body: JSON types as they are, no field that we do not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class TimedBody(Body):
    timeout_s: float | None = Field(
        default=None,
        gt=0,
        description="Seconds after which the request ends with an error, however far it is.",
    )


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


NOT_BLANK = AfterValidator(_not_blank)

Hint = Annotated[str | None, Field(max_length=512)]
"""Text that OpenAI's clients may send and that changes no answer."""


class ErrorDetail(BaseModel):
    code: str
    message: str
    request_id: str
    type: str
    param: str | None = Field(description="The field at fault, when there is one.")


class ErrorBody(BaseModel):
    """Every error, of every operation."""

    error: ErrorDetail


class Deleted(BaseModel):
    id: str
    deleted: Literal[True] = True
