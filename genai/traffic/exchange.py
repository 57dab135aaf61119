"""A question and answer of a user who consented to training."""

from typing import Protocol

from genai.messages import RequestContext, Value


class RecordedExchange(Value):
    """The texts are as the safety checks left them: with placeholders for personal data."""

    answer_id: str
    session_id: str = ""
    question: str
    answer: str
    model: str = ""
    at: float


class ExchangeSink(Protocol):
    def keep(self, context: RequestContext, exchange: RecordedExchange) -> None:
        """Store the exchange if its user consented. Returns at once and never raises."""
        ...
