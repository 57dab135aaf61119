"""Which sentences, items and rows answer a question, and whether any of them does."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.messages import Passage
from genai.rag.chunking import searchable
from genai.rag.units import Unit, split_units
from genai.rag.words import content_words

UNANSWERED = "I don't know: the documents that I can read do not answer this."

_NUMBER_ASKED = re.compile(
    r"\b(how (much|many|long|old|often|soon|quick|quickly|fast|late|early|high|big|far)|when|until"
    r"|what (time|age|percentage|is the (fee|cost|price|rate|limit|amount|maximum|minimum|charge))"
    r"|fees?|costs?|price|charges?|rate|limit|maximum|minimum|deadline|amount|percent)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|free|no|none)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit with how well it answers, between 0 and 1."""

    unit: Unit
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against an answer. All are between 0 and 1 but the constant.

    ``absent`` is the weight of the question's words that no passage has; ``passage_words`` and
    ``unit_words`` the weight of those that the best passage and the best unit have.
    """

    passage_cosine: float
    unit_cosine: float
    passage_words: float
    unit_words: float
    absent: float
    number: float
    constant: float = 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """``units`` of the best passages, best first; ``confidence`` (0 to 1) that they answer."""

    units: tuple[Ranked, ...]
    features: Features | None
    confidence: float


async def weigh(
    embedder: BaseEmbedder, question: str, passages: Sequence[Passage], *, focus: int
) -> Evidence:
    """Judge the passages, best first; only the units of the first ``focus`` can be quoted.

    The others tell which words are rare here. Raises what the embedder raises.
    """
    if not passages:
        return Evidence((), None, 0.0)
    near = passages[:focus]
    units = [(unit, index) for index, p in enumerate(near) for unit in split_units(p)]
    texts = [question, *map(searchable, near), *(unit.embedded for unit, _ in units)]
    vectors = np.asarray(await embedder.async_embed(texts), dtype=np.float32)
    cosines = vectors[1:] @ vectors[0]
    return judge(
        question,
        passages,
        [float(value) for value in cosines[: len(near)]],
        [(unit, i, float(c)) for (unit, i), c in zip(units, cosines[len(near) :], strict=True)],
    )


def judge(
    question: str,
    passages: Sequence[Passage],
    cosines: Sequence[float],
    units: Sequence[tuple[Unit, int, float]],
) -> Evidence:
    """The rule of `weigh`, apart from the embedding. Each unit has its passage's index."""
    if not units:
        return Evidence((), None, 0.0)
    words = [content_words(searchable(passage)) for passage in passages]
    weights = _weights(content_words(question), words)
    numeric = bool(_NUMBER_ASKED.search(question))
    ranked = sorted(
        (
            Ranked(unit, passages[i], _unit_score(unit, cosine, cosines[i], weights, numeric))
            for unit, i, cosine in units
        ),
        key=lambda ranked: ranked.score,
        reverse=True,
    )
    best = ranked[0]
    home = next(i for i, passage in enumerate(passages) if passage is best.passage)
    features = Features(
        passage_cosine=max(0.0, cosines[home]),
        unit_cosine=max(0.0, *(cosine for _, _, cosine in units)),
        passage_words=_covered(weights, words[home]),
        unit_words=_covered(weights, _unit_words(best.unit)),
        absent=1.0 - _covered(weights, frozenset().union(*words)),
        number=float(numeric and not _NUMBER.search(best.unit.text)),
    )
    return Evidence(tuple(ranked), features, confidence(features))


def confidence(features: Features) -> float:
    """A logistic regression over the features."""
    total = sum(w * value for w, value in zip(COEFFICIENTS, astuple(features), strict=True))
    return 1.0 / (1.0 + math.exp(-total))


COEFFICIENTS = (4.0, 4.0, 1.5, 1.0, -4.0, -0.5, -3.5)


def _unit_score(
    unit: Unit, cosine: float, home: float, weights: Mapping[str, float], numeric: bool
) -> float:
    number = float(numeric and bool(_NUMBER.search(unit.text)))
    words = _covered(weights, _unit_words(unit))
    parts = (max(0.0, cosine), max(0.0, home), words, number)
    return sum(w * part for w, part in zip(UNIT_WEIGHTS, parts, strict=True)) / sum(UNIT_WEIGHTS)


UNIT_WEIGHTS = (1.0, 0.5, 0.3, 0.08)
"""Of the unit's own similarity, its passage's, the words of the question in it, and a number."""


def _unit_words(unit: Unit) -> frozenset[str]:
    return content_words(unit.embedded)


def _weights(asked: frozenset[str], passages: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each word of the question tells: more when fewer passages have it."""
    total = len(passages)
    counts = {word: sum(word in passage for passage in passages) for word in asked}
    return {word: math.log((total + 1.5) / (count + 0.5)) for word, count in counts.items()}


def _covered(weights: Mapping[str, float], words: frozenset[str]) -> float:
    """The share of the weights that falls on these words; 1 for a question without any."""
    total = sum(weights.values())
    return (
        sum(weight for word, weight in weights.items() if word in words) / total if total else 1.0
    )
