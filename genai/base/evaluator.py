"""The interface of evaluators: how good is an answer?"""

from abc import ABC, abstractmethod

from genai.messages import Answer, Question, Value


class Example(Value):
    """A question with what is known about its right answer. Empty fields are not judged."""

    id: str
    question: Question
    expected_text: str = ""
    expected_documents: tuple[str, ...] = ()
    answerable: bool = True


class Score(Value):
    """``value`` is between 0 (wrong) and 1 (right); ``reason`` explains it to a person."""

    evaluator: str
    value: float
    reason: str = ""


class BaseEvaluator(ABC):
    """Judges one answer against one example. Has no effects; safe to call twice."""

    name: str

    @abstractmethod
    async def async_evaluate(self, example: Example, answer: Answer) -> Score:
        """Raises `BackendFailed` when a model that judges cannot be reached."""
