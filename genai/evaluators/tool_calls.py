"""Tool call accuracy: the expected tools with the expected arguments."""

import json
from typing import Any

from genai.base.evaluator import BaseEvaluator, EvaluationExample, Score
from genai.messages import Answer


class ToolCalls(BaseEvaluator):
    """1 if exactly the expected calls were made, in order. Failed calls that were repeated correctly do
    not count.
    """

    name = "tool_calls"

    def applies(self, example: EvaluationExample) -> bool:
        return bool(example.expected_calls)

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        expected = [(call.tool, _value(call.arguments)) for call in example.expected_calls]
        made = [(s.tool, _value(s.arguments)) for s in answer.steps if s.error is None]
        return self.score(made == expected, f"{len(made)} calls for {len(expected)} expected")


def _value(arguments: str) -> Any:
    """A canonical form for comparison."""
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments
