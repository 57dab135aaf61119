"""Refuses request options that models without text generation cannot honour."""

from genai.errors import InvalidInput
from genai.messages import ChatRequest


def check_plain(request: ChatRequest) -> None:
    """Raise `InvalidInput` for a response format, and for tools that the model may call."""
    if request.sampling.json_schema is not None:
        raise InvalidInput("this model cannot follow a JSON schema", "response_format")
    if request.tool_choice not in ("auto", "none"):
        raise InvalidInput("this model cannot call tools", "tool_choice")
    if request.tools and request.tool_choice != "none":
        raise InvalidInput("this model cannot call tools", "tools")
