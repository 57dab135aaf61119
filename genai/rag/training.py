"""Learns from questions how likely it is that what was found answers one."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.messages import Passage
from genai.rag.base import Retriever
from genai.rag.confidence import DOUBTS, Features, log_odds, probability
from genai.rag.evidence import weigh
from genai.rag.permissions import Reader
from genai.rag.regression import fit
from genai.rag.words import content_words
from genai.section import Section

_WITHOUT_ANSWER = 2.0
"""How much a question that nothing answers counts: there are fewer, and a guess is worse."""

_ANSWERED = 0.975
"""The share of the answered questions that are learnt from which shall be answered."""

_RIDGE = 3.0
_RETRIEVED = 60
_TELLING = 2
"""Words of meaning that a known question must have to be learnt from."""

NAMES = tuple(name for name in Features(0, 0, 0, 0, 0, 0, 0).named() if name not in DOUBTS)
"""What is learnt. The doubts are too rare among questions for that."""


class LabelledQuestion(Section):
    """A question and where its answer stands; nowhere when ``answerable`` is false.

    Those that are ``held_out`` are not learnt from.
    """

    id: str
    question: str
    document_id: str = ""
    section: str = ""
    expected_text: str = ""
    answerable: bool = True
    held_out: bool = False


class Example(Section):
    """What was found for a question, and whether it answers; ``weight`` is how much that counts."""

    features: Features
    answers: bool
    weight: float = 1.0
    held_out: bool = False


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
) -> list[Example]:
    """What is found for each question."""
    found: list[Example] = []
    for one in questions:
        passages = await retriever.async_retrieve(
            Reader(tenant=tenant), one.question, limit=_RETRIEVED
        )
        evidence = await weigh(embedder, one.question, passages, focus=focus)
        if evidence.features:
            found.append(
                Example(
                    features=evidence.features,
                    answers=one.answerable,
                    weight=1.0 if one.answerable else _WITHOUT_ANSWER,
                    held_out=one.held_out,
                )
            )
    return found


def known_questions(passages: Sequence[Passage]) -> list[str]:
    """Those that stand beside the passages which answer them, and say enough by themselves."""
    asked = dict.fromkeys(text for passage in passages for text in passage.asked)
    return [text for text in asked if len(content_words(text)) >= _TELLING]


def train(examples: Sequence[Example], *, least: float) -> dict[str, float]:
    """A weight for each feature, and the ``intercept``: a logistic regression.

    Every feature is scaled to the same spread before its weight is kept small. The intercept is such
    that nearly all that have an answer are as likely as ``least``.
    """
    x = np.array([[one.features.named()[name] for name in NAMES] for one in examples])
    y = np.array([one.answers for one in examples], dtype=float)
    counts = np.array([one.weight for one in examples])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    scaled, _ = fit((x - mean) / spread, y, counts, ridge=_RIDGE)
    weights = dict(zip(NAMES, np.round(scaled / spread, 3).tolist(), strict=True))
    reached = [
        log_odds(weights | {"intercept": 0.0}, one.features) for one in examples if one.answers
    ]
    lowest = float(np.quantile(reached, 1 - _ANSWERED))
    return weights | {"intercept": round(math.log(least / (1 - least)) - lowest, 3)}


def rates(
    weights: dict[str, float], examples: Sequence[Example], least: float
) -> tuple[float, float]:
    """The shares of answered among those with an answer, and of declined among the others."""
    sure = [(probability(weights, one.features) >= least, one.answers) for one in examples]
    answered = [ok for ok, answers in sure if answers]
    declined = [not ok for ok, answers in sure if not answers]
    return _share(answered), _share(declined)


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 3)


def save(path: Path, weights: dict[str, dict[str, float]]) -> None:
    path.write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")
