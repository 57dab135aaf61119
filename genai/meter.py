"""What a stream has used up to now, for the case that nobody listens to its end."""

from genai.base.prompt import estimate_tokens
from genai.messages import Usage


class Meter:
    """Belongs to one request, in one process; the stream tells it everything that comes by."""

    def __init__(self) -> None:
        self.spent: Usage | None = None
        self._texts: list[str] = []

    def hear(self, text: str) -> None:
        """A model said this, whether or not somebody may see it."""
        self._texts.append(text)

    def reading(self, prompt_tokens: int, max_tokens: int) -> Usage:
        """What the models said was spent; where none did, an estimate of what was said, which is never
        more than was set aside for a prompt of so much and an answer of at most so many tokens.
        """
        if self.spent is not None:
            return self.spent
        if not self._texts:
            return Usage()
        said = estimate_tokens("".join(self._texts))
        return Usage(prompt_tokens=prompt_tokens, completion_tokens=min(said, max_tokens))
