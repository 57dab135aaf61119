"""Trains the ranking of sentences by the probability that they answer."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import NamedTuple

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.messages import Passage
from genai.rag.base import Retriever
from genai.rag.evidence.judging import Evidence, weigh
from genai.rag.evidence.unit_ranking import Traits, traits_of
from genai.rag.passages.units import split_units
from genai.rag.permissions import Reader
from genai.rag.training.confidence import LabelledQuestion

PASSAGES = 3
"""Number of best passages considered."""

_RETRIEVED = 60
_STEPS = 400
_RATE = 1.0
_KEEP_SMALL = 0.002

NAMES = (*(field.name for field in fields(Traits)), "passage")


class LabelledUnits(NamedTuple):
    """The traits of each candidate sentence, one row each, and which of them answer."""

    traits: np.ndarray
    answers: np.ndarray
    held_out: bool


async def make_choices(
    retriever: Retriever,
    embedder: BaseEmbedder,
    questions: Sequence[LabelledQuestion],
    *,
    tenant: str,
    focus: int,
) -> list[LabelledUnits]:
    """From questions whose answer is among the candidates."""
    made: list[LabelledUnits] = []
    for one in questions:
        if not one.answerable or not one.expected_text:
            continue
        passages = await retriever.async_retrieve(
            Reader(tenant=tenant), one.question, limit=_RETRIEVED
        )
        evidence = await weigh(embedder, one.question, passages, focus=focus)
        choice = _choice(one, evidence)
        if choice.answers.any():
            made.append(choice)
    return made


def _choice(one: LabelledQuestion, evidence: Evidence) -> LabelledUnits:
    rows: list[list[float]] = []
    answers: list[bool] = []
    for ranked in evidence.passages[:PASSAGES]:
        passage = ranked.fit.passage
        units = split_units(passage)
        every = traits_of(one.question, units, ranked.cosines)
        behind = ranked.fit.score - evidence.passages[0].fit.score
        for unit, traits in zip(units, every, strict=False):
            rows.append([*asdict(traits).values(), behind])
            answers.append(_right(one, passage) and one.expected_text.lower() in unit.quote.lower())
    return LabelledUnits(np.array(rows), np.array(answers), one.held_out)


def _right(one: LabelledQuestion, passage: Passage) -> bool:
    return passage.document_id == one.document_id and passage.section.endswith(one.section)


def train_choice(choices: Sequence[LabelledUnits]) -> dict[str, float]:
    """Learns a weight for each trait by gradient ascent on the likelihood of the answering sentences.

    Traits are standardised before weights are regularised.
    """
    rows = np.vstack([choice.traits for choice in choices])
    spread = rows.std(axis=0) + 1e-6
    scaled = [(choice.traits / spread, choice.answers.astype(float)) for choice in choices]
    weights = np.zeros(len(NAMES))
    for _ in range(_STEPS):
        slope = _KEEP_SMALL * weights
        for traits, answers in scaled:
            likely = _softmax(traits @ weights)
            right = likely * answers
            slope = slope - (right / right.sum() - likely) @ traits / len(scaled)
        weights = weights - _RATE * slope
    return dict(zip(NAMES, np.round(weights / spread, 3).tolist(), strict=True))


def _softmax(values: np.ndarray) -> np.ndarray:
    powers: np.ndarray = np.exp(values - values.max())
    powers /= powers.sum()
    return powers


def right_first(weights: dict[str, float], choices: Sequence[LabelledUnits]) -> float:
    """The share of choices whose top sentence answers."""
    by = np.array([weights[name] for name in NAMES])
    right = [bool(one.answers[int((one.traits @ by).argmax())]) for one in choices]
    return round(sum(right) / max(1, len(right)), 3)
