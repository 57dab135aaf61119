"""Refuses what a model that only says its own sentences would have to ignore."""

from genai.errors import InvalidInput
from genai.messages import ChatRequest


def check_plain(request: ChatRequest) -> None:
    """Raise `InvalidInput` for a form of the answer, and for tools that the model may call."""
    if request.sampling.json_schema is not None:
        raise InvalidInput("this model cannot follow a JSON schema", "response_format")
    if request.tool_choice not in ("auto", "none"):
        raise InvalidInput("this model cannot call tools", "tool_choice")
    if request.tools and request.tool_choice != "none":
        raise InvalidInput("this model cannot call tools", "tools")
