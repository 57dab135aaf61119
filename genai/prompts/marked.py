"""Adds a canary mark to a system prompt, by which a leak of it is recognised."""

from genai.base.prompt import BasePrompt
from genai.messages import Message
from genai.safety.prompt_leak import canary


class MarkedPrompt(BasePrompt):
    """Renders the prompt that it holds. ``text`` is what the mark is made of."""

    def __init__(self, inner: BasePrompt, text: str) -> None:
        self.name = inner.name
        self.version = inner.version
        self._inner = inner
        self._mark = canary(text)

    def render(self, **variables: object) -> tuple[Message, ...]:
        first, *rest = self._inner.render(**variables)
        said = first.model_copy(update={"content": f"[{self._mark}] {first.content}"})
        return (said, *rest)
