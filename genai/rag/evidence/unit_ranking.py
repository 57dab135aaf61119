"""Ranks the sentences, items and rows of a passage by how likely they answer.

A linear model over `Traits`, whose weights `jobs.train_quotes` learns.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from pathlib import Path

from genai.language.words import content_words, word_weights
from genai.rag.demands.amounts import amounts, holds_one
from genai.rag.demands.definitions import defines
from genai.rag.demands.figures import asked_kinds, gives_one_of
from genai.rag.demands.waiting import asks_how_long, tells_how_long
from genai.rag.evidence.support import asked_words, supported
from genai.rag.passages.units import Unit
from genai.rag.questions.word_vectors import load_word_vectors

WEIGHTS = Path(__file__).with_name("unit_ranking.json")
"""Weights by the names of `Traits`, and of ``passage``: how much better the unit's passage is than
another.
"""

_DIGIT = re.compile(r"\d")
_SEE_ALSO = re.compile(r"\*[A-Z]")
_EXAMPLE = re.compile(r"(?:Representative e|E)xample\b")

AS_LIKELY = 3.0
"""Maximum distance from the best sentence to be quoted: a twentieth as likely to answer."""

_LONG = 200
"""Characters from which the trait ``length`` is 1."""


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A unit with its score. A score that is higher by 1 is 2.7 times as likely to answer."""

    unit: Unit
    score: float


@dataclass(frozen=True, slots=True)
class Traits:
    """The features of a unit relative to its passage, each at most 1.

    ``cosine``: its similarity to the question; ``behind``: the distance to the best one. ``covers``:
    the weighted share of the question's words that it supports; ``covers_less``: the distance to the
    best one. ``label``: the same share for the first cell of a row.

    ``figure``: it gives a figure of a kind asked for; ``other_figure``: a figure is asked for and it
    gives none. ``amount``: an amount of the question is within a range that it names. ``defines``: the
    result of `genai.rag.demands.definitions`. ``tells_how_long``: it says how long something takes, as asked.
    """

    cosine: float
    behind: float
    covers: float
    covers_less: float
    label: float
    figure: float
    other_figure: float
    digit: float
    length: float
    early: float
    row: float
    early_row: float
    see_also: float
    amount: float
    example: float
    defines: float
    tells_how_long: float


_NAMES = tuple(trait.name for trait in fields(Traits))
_VALUES = attrgetter(*_NAMES)


def rank_units(
    question: str, units: Sequence[Unit], cosines: Sequence[float]
) -> tuple[RankedUnit, ...]:
    """The units of a passage, best first."""
    weights = load_weights()
    ranked = [
        RankedUnit(unit, weighed(weights, traits))
        for unit, traits in zip(units, traits_of(question, units, cosines), strict=False)
    ]
    return tuple(sorted(ranked, key=lambda unit: unit.score, reverse=True))


def weighed(weights: Mapping[str, float], traits: Traits) -> float:
    values: tuple[float, ...] = _VALUES(traits)
    return sum(weights[name] * value for name, value in zip(_NAMES, values, strict=True))


def traits_of(question: str, units: Sequence[Unit], cosines: Sequence[float]) -> list[Traits]:
    kinds, wanted = asked_kinds(question), amounts(question)
    covers, labels = _covers(question, units)
    waits = asks_how_long(question)
    best, most = max(cosines[: len(units)], default=0.0), max(covers, default=0.0)
    return [
        Traits(
            cosine=cosine,
            behind=best - cosine,
            covers=cover,
            covers_less=most - cover,
            label=label,
            figure=float(gives_one_of(kinds, unit.text)),
            other_figure=float(bool(kinds) and not gives_one_of(kinds, unit.text)),
            digit=float(bool(_DIGIT.search(unit.text))),
            length=min(1.0, len(unit.text) / _LONG),
            early=1 / (number + 1),
            row=float(_is_row(unit)),
            early_row=_is_row(unit) / (number + 1),
            see_also=float(bool(_SEE_ALSO.search(unit.quote))),
            amount=float(holds_one(wanted, unit.quote)),
            example=float(bool(_EXAMPLE.match(unit.text))),
            defines=defines(question, unit.text),
            tells_how_long=float(waits and tells_how_long(unit.text)),
        )
        for number, (unit, cosine, cover, label) in enumerate(
            zip(units, cosines, covers, labels, strict=False)
        )
    ]


def _covers(question: str, units: Sequence[Unit]) -> tuple[list[float], list[float]]:
    """The share of the question's words that each unit, and the first cell of each row, supports."""
    asked, words = list(asked_words(question)), load_word_vectors()
    texts = [unit.text for unit in units]
    weights = word_weights(frozenset(one.stem for one in asked), [content_words(t) for t in texts])
    whole = sum(weights[one.stem] for one in asked) or 1.0

    def cover(text: str) -> float:
        shares = supported(words, asked, text)
        return sum(weights[a.stem] * share for a, share in zip(asked, shares, strict=True)) / whole

    firsts = [unit.text.partition(";")[0] if _is_row(unit) else "" for unit in units]
    return [cover(text) for text in texts], [cover(first) if first else 0.0 for first in firsts]


def _is_row(unit: Unit) -> bool:
    return unit.quote.startswith("|")


@cache
def load_weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
