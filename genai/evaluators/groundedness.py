"""Groundedness: is the answer supported by its sources?"""

import re

from genai.base.evaluator import BaseEvaluator, EvaluationExample, Score
from genai.evaluators.text import words
from genai.messages import Answer
from genai.rag.answering.citations import UNCERTAIN

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SHARED = 0.6
SHORT = 3
FEW = 3
"""A sentence with fewer long words than this is judged by its numbers alone."""


class Groundedness(BaseEvaluator):
    """The share of sentences with all numbers, and most longer words, in the citations or tool results.

    0 for an answer without sources, 1 for one without text. A remark that the sources do not clearly
    answer is not counted.
    """

    name = "groundedness"

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        told = answer.text.removeprefix(UNCERTAIN)
        sentences = [s for s in _SENTENCE.split(told) if words(s)]
        if not sentences:
            return self.score(1.0, "it says nothing")
        ground = {word for text in sources_of(answer) for word in words(text)}
        if not ground:
            return self.score(0.0, "it has no sources")
        bad = [s for s in sentences if not grounded(s, ground)]
        reason = f"{len(bad)} of {len(sentences)} sentences go beyond the sources"
        return self.score(1 - len(bad) / len(sentences), reason)


def sources_of(answer: Answer) -> list[str]:
    quotes = [f"{c.title} {c.section} {c.quote}" for c in answer.citations]
    return quotes + [f"{step.arguments} {step.observation}" for step in answer.steps]


def grounded(sentence: str, ground: set[str]) -> bool:
    said = words(sentence)
    if any(word[0].isdigit() and word not in ground for word in said):
        return False
    longer = [word for word in said if len(word) > SHORT and not word[0].isdigit()]
    return len(longer) < FEW or sum(word in ground for word in longer) >= SHARED * len(longer)
