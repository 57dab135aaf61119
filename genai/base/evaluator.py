"""The interface of evaluators of answers."""

from abc import ABC, abstractmethod

from genai.messages import Answer, Message, Route, Value


class ExpectedCall(Value):
    """``arguments`` is JSON text; the order of its keys means nothing."""

    tool: str
    arguments: str = "{}"


class EvaluationExample(Value):
    """A question with its expected answer. Empty fields are not evaluated.

    ``messages`` is the conversation for a model that is evaluated directly; without it, ``input`` is
    sent alone. ``refuse`` says whether a safety check should object. ``slices`` are groups to report
    separately, such as language, topic or difficulty.
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
    """Scores one answer. Has no effects; safe to call twice.

    An answer that a safety check refused has the finish reason ``content_filter`` and no text.
    """

    name: str

    def applies(self, example: EvaluationExample) -> bool:
        """Whether the example has what this evaluator needs."""
        return True

    @abstractmethod
    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        """Raises `BackendFailed` when a model that judges, or a database, cannot be reached."""

    def score(self, value: float, reason: str = "") -> Score:
        return Score(evaluator=self.name, value=float(value), reason=reason)
