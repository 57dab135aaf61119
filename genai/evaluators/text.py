"""Text metrics: exact match, containment, token F1."""

import re
import unicodedata
from collections import Counter

from genai.base.evaluator import BaseEvaluator, Example, Score
from genai.messages import Answer

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


def words(text: str) -> list[str]:
    """In lower case; a number is one word, whatever separates its thousands."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_number(word) if word[0].isdigit() else word for word in found]


def _number(word: str) -> str:
    """1,234.50 and 1234.5 are the same number."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", word)
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


class Exact(BaseEvaluator):
    """The same words in the same order, and no others."""

    name = "exact"

    def applies(self, example: Example) -> bool:
        return bool(example.expected_text)

    async def async_evaluate(self, example: Example, answer: Answer) -> Score:
        return self.score(words(example.expected_text) == words(answer.text))


class Contains(BaseEvaluator):
    """The expected words, in their order, somewhere in the answer."""

    name = "contains"

    def applies(self, example: Example) -> bool:
        return bool(words(example.expected_text))

    async def async_evaluate(self, example: Example, answer: Answer) -> Score:
        expected, said = words(example.expected_text), words(answer.text)
        starts = range(len(said) - len(expected) + 1)
        return self.score(any(said[i : i + len(expected)] == expected for i in starts))


class TokenF1(BaseEvaluator):
    """How many of the words are shared: the harmonic mean of precision and recall."""

    name = "f1"

    def applies(self, example: Example) -> bool:
        return bool(words(example.expected_text))

    async def async_evaluate(self, example: Example, answer: Answer) -> Score:
        expected, said = Counter(words(example.expected_text)), Counter(words(answer.text))
        shared = sum((expected & said).values())
        if not shared:
            return self.score(0.0)
        precision, recall = shared / said.total(), shared / expected.total()
        return self.score(2 * precision * recall / (precision + recall))
