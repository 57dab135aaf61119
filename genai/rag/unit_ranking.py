"""Which sentence, item or row of a passage answers first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genai.rag.figures import asked_kinds, gives_one_of
from genai.rag.units import Unit
from genai.rag.words import content_words, word_weights

_DIGIT = re.compile(r"\d")

_LONG = 200
"""Characters; what is longer says no more for that."""

_MOST = 1.5
"""More than what speaks for a unit can be together."""


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A unit with how well it answers, between 0 and 1."""

    unit: Unit
    score: float


def rank_units(
    question: str, units: Sequence[Unit], cosines: Sequence[float]
) -> tuple[RankedUnit, ...]:
    """The units of a passage, best first. The weights were chosen on the sample bank's questions.

    Besides its likeness to the question, these speak for a unit: words of the question that other
    units have not, a figure of the kind that is asked for, any digit, as rules have them, being long
    enough to be understood alone, and standing early, since the rule comes before its details; the
    rows of a table are more alike in that.
    """
    words = [content_words(unit.text) for unit in units]
    weights = word_weights(content_words(question), words)
    kinds = asked_kinds(question)
    ranked = [
        RankedUnit(
            unit,
            max(0.0, cosine + _beside(unit, share, gives_one_of(kinds, unit.text), number)) / _MOST,
        )
        for number, (unit, cosine, share) in enumerate(
            zip(units, cosines, _shares(weights, words), strict=False)
        )
    ]
    return tuple(sorted(ranked, key=lambda unit: unit.score, reverse=True))


def _beside(unit: Unit, share: float, figure: bool, number: int) -> float:
    return (
        0.08 * share
        + 0.1 * figure
        + 0.08 * bool(_DIGIT.search(unit.text))
        + 0.09 * min(1.0, len(unit.text) / _LONG)
        + _early(unit, number)
    )


def _early(unit: Unit, number: int) -> float:
    return 0.02 + 0.06 / (number + 1) if unit.quote.startswith("|") else 0.12 / (number + 1)


def _shares(weights: Mapping[str, float], words: Sequence[frozenset[str]]) -> list[float]:
    """How much each unit has of the words that the question shares with any of them."""
    known = frozenset[str]().union(*words)
    whole = sum(weight for word, weight in weights.items() if word in known)
    if not whole:
        return [0.0] * len(words)
    return [sum(weights[word] for word in weights if word in here) / whole for here in words]
