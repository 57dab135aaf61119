"""Stands for a model that this installation cannot use."""

from genai.base.llm import BaseLLM
from genai.errors import Misconfigured
from genai.messages import ChatRequest, Completion


class UnavailableLLM(BaseLLM):
    """Says why it cannot answer, by `Misconfigured`."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise Misconfigured(self.reason)
