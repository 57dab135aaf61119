"""Base classes and types of request bodies."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body: strict JSON types, no unknown fields."""

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


def _one_line(text: str) -> str:
    if any(unicodedata.category(char) in _NOT_IN_A_LINE or char in _TURNS for char in text):
        raise ValueError("must not have control characters or line breaks")
    return text


_NOT_IN_A_LINE = ("Cc", "Zl", "Zp")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional control characters, which display text in another order."""

NOT_BLANK = AfterValidator(_not_blank)
ONE_LINE = AfterValidator(_one_line)
"""For names and titles, which appear in lists and logs."""

Hint = Annotated[str | None, Field(max_length=512)]
"""Text that OpenAI's clients may send, and that has no effect."""


class ErrorDetail(BaseModel):
    code: str
    message: str
    request_id: str
    type: str
    param: str | None = Field(description="The field at fault, when there is one.")


class ErrorBody(BaseModel):
    """The error of any operation."""

    error: ErrorDetail


class Deleted(BaseModel):
    id: str
    deleted: Literal[True] = True
