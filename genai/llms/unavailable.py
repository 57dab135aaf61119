"""Placeholder for a model that this installation cannot use."""

from genai.base.llm import BaseLLM
from genai.errors import ModelUnavailable
from genai.messages import ChatRequest, Completion


class UnavailableLLM(BaseLLM):
    """Raises `ModelUnavailable` with ``reason``."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise ModelUnavailable(self.reason)

    async def async_available(self) -> bool:
        return False
