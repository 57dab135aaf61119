"""Adds a canary mark to a system prompt, by which a leak of it is recognised."""

from genai.base.prompt import BasePrompt
from genai.messages import Message
from genai.safety.prompt_leak import canary


class MarkedPrompt(BasePrompt):
    """A prompt with a canary mark, which is derived from ``text``."""

    def __init__(self, inner: BasePrompt, text: str) -> None:
        self.name = inner.name
        self.version = inner.version
        self._inner = inner
        self._mark = canary(text)

    def render(self, **variables: object) -> tuple[Message, ...]:
        first, *rest = self._inner.render(**variables)
        marked = first.model_copy(update={"content": f"[{self._mark}] {first.content}"})
        return (marked, *rest)
