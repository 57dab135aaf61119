"""The probability that passages answer a question: two logistic regressions over features of the passages.

One is for documents with known questions (see `genai.rag.passages.hints`), one for all others.
`jobs.train_confidence` trains them.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from genai.rag.demands.measures import Missed
from genai.rag.demands.unmet import Unmet
from genai.rag.evidence.support import Lacks

WEIGHTS = Path(__file__).with_name("confidence.json")
"""Two mappings from the names of `Features.named`, ``scale`` and ``intercept``, to weights."""

DOUBTS = {
    "other_product": 4.0,
    "lacks.other_name": 3.5,
    "unmet.uncounted": 3.0,
    "unmet.unreached": 3.0,
    "unmet.another_time": 1.8,
    "unmet.another_term": 3.0,
    "unmet.another_place": 3.0,
    "missed.measure": 3.5,
    "missed.measure_first": 1.5,
    "missed.name": 2.5,
    "missed.count": 2.0,
    "missed.period": 3.0,
}
"""Penalties in log odds, for requirements of the question that the passage does not meet.

They are set by hand, because too few questions have such requirements.
"""


@dataclass(frozen=True, slots=True)
class AnswerFeatures:
    """The features of an answer, each at most 1.

    The first five are those of the best passage, as in `Fit`; ``heading`` is at least ``whole``,
    because not every document has headings.

    ``complete``: 1 if no word of the question is missing, which matters more than any single word.
    ``numberless``: 1 if a number is asked for and the best unit has none. ``personal``: 1 if people
    tell about themselves, in words that answers do not repeat.

    ``asked`` and ``unanswered``: the similarity to the nearest question with a known answer here, and
    to the nearest without one (see `genai.rag.evidence.unanswered`). ``mistaken``: by how much the latter is
    nearer. ``asked_here``: as ``asked``, for the best passage only. ``asked_alike``: the same for its
    three nearest questions together.

    ``ahead``: the lead of the passage over those of other sections. ``length``: that of the question.
    ``defines`` and ``other_product``: the results of `genai.rag.demands.definitions` and
    `genai.rag.demands.qualifiers`. ``lacks``, ``unmet`` and ``missed``: what the best passage, and its best
    unit, lack.
    """

    whole: float
    best_unit: float
    heading: float
    weighted_words: float
    words: float
    numberless: float
    personal: float
    asked: float = 0.0
    unanswered: float = 0.0
    mistaken: float = 0.0
    asked_here: float = 0.0
    asked_alike: float = 0.0
    ahead: float = 0.0
    length: float = 0.0
    defines: float = 0.0
    complete: float = 0.0
    other_product: float = 0.0
    lacks: Lacks = field(default_factory=Lacks)
    unmet: Unmet = field(default_factory=Unmet)
    missed: Missed = field(default_factory=Missed)

    def named(self) -> dict[str, float]:
        """The features by name, such as ``lacks.unit``."""
        return dict(_named(asdict(self)))


def _named(values: Mapping[str, float | dict[str, float]]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", number) for inner, number in value.items())
        else:
            yield name, value


def confidence(features: AnswerFeatures, *, hinted: bool) -> float:
    """A probability. ``hinted``: the best passage has known questions."""
    weights = load_weights()["hinted" if hinted else "plain"]
    return probability(weights, features)


def probability(weights: Mapping[str, float], features: AnswerFeatures) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds(weights, features)))


def log_odds(weights: Mapping[str, float], features: AnswerFeatures) -> float:
    found = features.named()
    known = sum(weights.get(name, 0.0) * value for name, value in found.items())
    doubts = sum(DOUBTS[name] * found[name] for name in DOUBTS)
    return weights["intercept"] + weights["scale"] * (known - doubts)


@cache
def load_weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
