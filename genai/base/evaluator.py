"""The interface of evaluators: how good is an answer?"""

from abc import ABC, abstractmethod

from genai.messages import Answer, Message, Route, Value


class ExpectedCall(Value):
    """``arguments`` is JSON text; the order of its keys means nothing."""

    tool: str
    arguments: str = "{}"


class Example(Value):
    """A question with what is known about its right answer. Empty fields are not judged.

    ``messages`` is the whole conversation for a model that is asked directly; else ``input`` alone.
    ``refuse`` says whether a safety check should object. ``slices`` name the groups that tables
    show by themselves: such as a language, a topic, a level of difficulty.
    """

    id: str
    input: str
    messages: tuple[Message, ...] = ()
    route: Route = "auto"
    expected_text: str = ""
    expected_documents: tuple[str, ...] = ()
    expected_calls: tuple[ExpectedCall, ...] = ()
    expected_sql: str = ""
    refuse: bool | None = None
    answerable: bool = True
    slices: dict[str, str] = {}


class Score(Value):
    """``value`` is between 0 (wrong) and 1 (right); ``reason`` explains it to a person."""

    evaluator: str
    value: float
    reason: str = ""


class BaseEvaluator(ABC):
    """Judges one answer against one example. Has no effects; safe to call twice.

    An answer that a safety check refused has the finish reason ``content_filter`` and no text.
    """

    name: str

    def applies(self, example: Example) -> bool:
        """Whether the example says what this evaluator needs to know."""
        return True

    @abstractmethod
    async def async_evaluate(self, example: Example, answer: Answer) -> Score:
        """Raises `BackendFailed` when a model that judges, or a database, cannot be reached."""

    def score(self, value: float, reason: str = "") -> Score:
        return Score(evaluator=self.name, value=float(value), reason=reason)
