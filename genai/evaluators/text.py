"""Text metrics: exact match, containment, token F1."""

import re
import unicodedata
from collections import Counter

from genai.base.evaluator import BaseEvaluator, EvaluationExample, Score
from genai.messages import Answer

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


def words(text: str) -> list[str]:
    """Lower-case words; a number is one word, with any thousands separator."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_number(word) if word[0].isdigit() else word for word in found]


def _number(word: str) -> str:
    """Normalises 1,234.50 to 1234.5."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", word)
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


class Exact(BaseEvaluator):
    """1 if the words are equal, in the same order."""

    name = "exact"

    def applies(self, example: EvaluationExample) -> bool:
        return bool(example.expected_text)

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        return self.score(words(example.expected_text) == words(answer.text))


class Contains(BaseEvaluator):
    """1 if the answer contains the expected words in sequence."""

    name = "contains"

    def applies(self, example: EvaluationExample) -> bool:
        return bool(words(example.expected_text))

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        expected, said = words(example.expected_text), words(answer.text)
        starts = range(len(said) - len(expected) + 1)
        return self.score(any(said[i : i + len(expected)] == expected for i in starts))


class TokenF1(BaseEvaluator):
    """The harmonic mean of word precision and recall."""

    name = "f1"

    def applies(self, example: EvaluationExample) -> bool:
        return bool(words(example.expected_text))

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        expected, said = Counter(words(example.expected_text)), Counter(words(answer.text))
        shared = sum((expected & said).values())
        if not shared:
            return self.score(0.0)
        precision, recall = shared / said.total(), shared / expected.total()
        return self.score(2 * precision * recall / (precision + recall))
