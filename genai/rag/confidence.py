"""How likely it is that passages answer a question: two logistic regressions over what was found.

One is for documents that come with known questions (see `genai.rag.hints`), one for all others.
`jobs.train_confidence` writes the first.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("confidence.json")
"""Two mappings from the names of `Features`, and ``intercept``, to weights."""


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against an answer; everything is at most 1.

    The first five are of the best passage, as in `Fit`; ``heading`` is no less than ``whole``,
    since not every document has headings. ``numberless`` is 1 when a number is asked for and the
    best unit has none; ``personal`` is 1 when people tell of themselves, in words that answers do
    not repeat. ``asked`` and ``unanswered`` are the likeness to the nearest question that is known
    to have an answer here, or none; ``mistaken`` is by how much the latter is nearer than any answer.
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


def confidence(features: Features, *, hinted: bool) -> float:
    """A probability. ``hinted``: the best passage comes with questions that it answers."""
    weights = load_weights()["hinted" if hinted else "plain"]
    return probability(weights, features)


def probability(weights: Mapping[str, float], features: Features) -> float:
    weighted = (weights.get(name, 0.0) * value for name, value in asdict(features).items())
    return 1.0 / (1.0 + math.exp(-weights["intercept"] - sum(weighted)))


@cache
def load_weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
