"""Measures the usage of a stream, so that a client that disconnects is billed for what it got."""

from genai.base.prompt import estimate_tokens
from genai.messages import Usage


class Meter:
    """The meter of one request. The stream reports to it."""

    def __init__(self) -> None:
        self.spent: Usage | None = None
        self._texts: list[str] = []

    def add_text(self, text: str) -> None:
        """Add generated text, whether or not the caller may see it."""
        self._texts.append(text)

    @property
    def has_text(self) -> bool:
        return bool(self._texts)

    def reading(self, prompt_tokens: int, max_tokens: int) -> Usage:
        """The usage that the models reported. Without a report, an estimate from the generated text,
        within the bounds that were reserved: ``prompt_tokens``, and ``max_tokens`` for the answer.
        """
        if self.spent is not None:
            return self.spent
        if not self._texts:
            return Usage()
        said = estimate_tokens("".join(self._texts))
        return Usage(prompt_tokens=prompt_tokens, completion_tokens=min(said, max_tokens))
