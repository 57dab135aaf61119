"""A question of somebody who consented, and its answer: what models may learn from."""

from typing import Protocol

from genai.messages import RequestContext, Value


class Exchange(Value):
    """The texts are as the safety checks left them: with placeholders for personal data."""

    answer_id: str
    session_id: str = ""
    question: str
    answer: str
    model: str = ""
    at: float


class Lessons(Protocol):
    def keep(self, context: RequestContext, exchange: Exchange) -> None:
        """Remember it if its user consented. Returns at once and never raises."""
        ...
