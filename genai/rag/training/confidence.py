"""Trains the confidence that the passages found answer a question."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.language.words import content_words
from genai.messages import Passage
from genai.rag.base import Retriever
from genai.rag.evidence.confidence import DOUBTS, AnswerFeatures, log_odds, probability
from genai.rag.evidence.judging import Evidence, weigh
from genai.rag.permissions import Reader
from genai.regression import fit
from genai.section import Section

_WITHOUT_ANSWER = 2.0
"""The weight of an unanswerable question: there are fewer, and a wrong answer is worse."""

_PARTS = 10
_APART = 0.1
"""Minimum distance of the edges, in log odds."""

_RIDGE = 3.0
_RETRIEVED = 60
_TELLING = 2
"""Minimum content words of a known question for training."""

NAMES = tuple(name for name in AnswerFeatures(0, 0, 0, 0, 0, 0, 0).named() if name not in DOUBTS)
"""The trained features. Penalties are too rare in questions to be learnt."""


class LabelledQuestion(Section):
    """A question and the place of its answer; none if ``answerable`` is false.

    Questions that are ``held_out`` are not used for training.
    """

    id: str
    question: str
    document_id: str = ""
    section: str = ""
    expected_text: str = ""
    answerable: bool = True
    held_out: bool = False


class LabelledEvidence(Section):
    """The passages for a question, and whether they answer; ``weight`` is that of the example."""

    features: AnswerFeatures
    answers: bool
    weight: float = 1.0
    held_out: bool = False


class CalibrationPoint(NamedTuple):
    """The position of an edge: this ``share`` of answerable questions is below it, or of unanswerable
    ones above it.
    """

    confidence: float
    share: float


def read_questions(path: Path) -> list[LabelledQuestion]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [LabelledQuestion.model_validate_json(line) for line in lines if line.strip()]


async def make_examples(
    retriever: Retriever,
    embedder: BaseEmbedder,
    questions: Sequence[LabelledQuestion],
    *,
    tenant: str,
    focus: int,
) -> list[LabelledEvidence]:
    """Searches for each question; leaves out those whose passages come from another document than the
    answer.
    """
    found: list[LabelledEvidence] = []
    for one in questions:
        passages = await retriever.async_retrieve(
            Reader(tenant=tenant), one.question, limit=_RETRIEVED
        )
        evidence = await weigh(embedder, one.question, passages, focus=focus)
        if evidence.features and not (one.answerable and _elsewhere(one, evidence)):
            found.append(
                LabelledEvidence(
                    features=evidence.features,
                    answers=one.answerable,
                    weight=1.0 if one.answerable else _WITHOUT_ANSWER,
                    held_out=one.held_out,
                )
            )
    return found


def _elsewhere(one: LabelledQuestion, evidence: Evidence) -> bool:
    best = evidence.passages[0].fit.passage
    return one.document_id not in ("", best.document_id)


def known_questions(passages: Sequence[Passage]) -> list[str]:
    """The known questions in the answering passages that are complete by themselves."""
    asked = dict.fromkeys(text for passage in passages for text in passage.asked)
    return [text for text in asked if len(content_words(text)) >= _TELLING]


def train(
    examples: Sequence[LabelledEvidence], *, lower: CalibrationPoint, upper: CalibrationPoint
) -> dict[str, float]:
    """Trains a logistic regression: a weight for each feature, ``scale`` and ``intercept``.

    Features are standardised before regularisation. The edges are set by cross-validated scores.
    """
    likely = np.array(_crosswise(examples))
    answers = np.array([one.answers for one in examples])
    low = float(np.quantile(likely[answers], lower.share))
    high = max(float(np.quantile(likely[~answers], 1 - upper.share)), low + _APART)
    scale = (_logit(upper.confidence) - _logit(lower.confidence)) / (high - low)
    weights = _weights(examples)
    intercept = _logit(upper.confidence) + scale * (weights["intercept"] - high)
    return weights | {"scale": round(scale, 3), "intercept": round(intercept, 3)}


def _crosswise(examples: Sequence[LabelledEvidence]) -> list[float]:
    """Cross-validated log odds, in ten folds."""
    found: dict[int, float] = {}
    for part in range(_PARTS):
        weights = _weights([one for at, one in enumerate(examples) if at % _PARTS != part])
        for at in range(part, len(examples), _PARTS):
            found[at] = log_odds(weights, examples[at].features)
    return [found[at] for at in range(len(examples))]


def _weights(examples: Sequence[LabelledEvidence]) -> dict[str, float]:
    x = np.array([[one.features.named()[name] for name in NAMES] for one in examples])
    y = np.array([one.answers for one in examples], dtype=float)
    counts = np.array([one.weight for one in examples])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    scaled, shift = fit((x - mean) / spread, y, counts, ridge=_RIDGE)
    slopes = scaled / spread
    named = dict(zip(NAMES, np.round(slopes, 3).tolist(), strict=True))
    return named | {"scale": 1.0, "intercept": shift - float(slopes @ mean)}


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


class Rates(NamedTuple):
    """``told`` and ``kept``: shares of answerable questions with a certain answer, or at least with
    quotes.

    ``unguessed`` and ``declined``: shares of unanswerable questions without a certain answer, or
    without any.
    """

    told: float
    kept: float
    unguessed: float
    declined: float


def rates(
    weights: dict[str, float], examples: Sequence[LabelledEvidence], least: float, sure: float
) -> Rates:
    likely = [(probability(weights, one.features), one.answers) for one in examples]
    with_answer = [likelihood for likelihood, answers in likely if answers]
    without = [likelihood for likelihood, answers in likely if not answers]
    return Rates(
        _share([one >= sure for one in with_answer]),
        _share([one >= least for one in with_answer]),
        _share([one < sure for one in without]),
        _share([one < least for one in without]),
    )


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 3)


def save(path: Path, weights: dict[str, dict[str, float]]) -> None:
    path.write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")
