"""The interface of every agent."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from genai.events import DraftStreamEvent
from genai.messages import Question


class BaseAgent(ABC):
    """Answers a question in several steps, each a call of a model or a tool.

    The loop ends after ``max_steps`` tool calls, after ``timeout`` seconds, or at the request's
    deadline. At a limit, the answer says so; nothing is made up.
    """

    max_steps: int
    timeout: float
    """Seconds for the whole loop."""

    @abstractmethod
    def async_loop(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """Yields a `StepEvent` after each tool call, tokens of the answer, and last a `DraftEvent`.

        Raises what its model and tools raise. Not safe to call twice when a tool has side effects.
        """
