"""Retrieval metrics: recall and NDCG of the cited documents."""

import math

from genai.base.evaluator import BaseEvaluator, EvaluationExample, Score
from genai.messages import Answer


def ranked(answer: Answer, at: int) -> list[str]:
    """The cited documents without duplicates, in order."""
    return list(dict.fromkeys(c.document_id for c in answer.citations))[:at]


class Recall(BaseEvaluator):
    """The share of the expected documents among the first ``at`` citations."""

    name = "recall"

    def __init__(self, at: int = 5) -> None:
        self._at = at

    def applies(self, example: EvaluationExample) -> bool:
        return bool(example.expected_documents)

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        expected = set(example.expected_documents)
        return self.score(len(expected & set(ranked(answer, self._at))) / len(expected))


class NDCG(BaseEvaluator):
    """Normalised discounted cumulative gain: the later a document is cited, the less it counts."""

    name = "ndcg"

    def __init__(self, at: int = 5) -> None:
        self._at = at

    def applies(self, example: EvaluationExample) -> bool:
        return bool(example.expected_documents)

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        expected = set(example.expected_documents)
        found = enumerate(ranked(answer, self._at))
        gain = sum(_gain(place) for place, document in found if document in expected)
        best = sum(_gain(place) for place in range(min(len(expected), self._at)))
        return self.score(gain / best)


def _gain(place: int) -> float:
    return 1 / math.log2(place + 2)
