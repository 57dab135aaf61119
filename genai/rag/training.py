"""Learns from questions how likely it is that what was found answers one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.messages import Passage
from genai.rag.base import Retriever
from genai.rag.confidence import Features, probability
from genai.rag.evidence import weigh
from genai.rag.permissions import Reader
from genai.section import Section

_WITHOUT_ANSWER = 2.0
"""How much a question that nothing answers counts: there are fewer, and a guess is worse."""

_ANSWER_TAKEN = 0.1
"""How much it counts when the answer was taken away: what is left is not always without one."""

_RIDGE = 0.3
_STEPS = 60
_RETRIEVED = 60

NAMES = tuple(field.name for field in fields(Features))


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
    """What is found for each question; and, to learn near misses, without the section it is in."""
    found: list[Example] = []
    for one in questions:
        passages = await retriever.async_retrieve(
            Reader(tenant=tenant), one.question, limit=_RETRIEVED
        )
        for kept, answers, weight in _cases(one, passages):
            evidence = await weigh(embedder, one.question, kept, focus=focus)
            if evidence.features:
                found.append(
                    Example(
                        features=evidence.features,
                        answers=answers,
                        weight=weight,
                        held_out=one.held_out,
                    )
                )
    return found


def _cases(
    one: LabelledQuestion, passages: Sequence[Passage]
) -> Iterator[tuple[Sequence[Passage], bool, float]]:
    if not one.answerable:
        yield passages, False, _WITHOUT_ANSWER
        return
    yield passages, True, 1.0
    if not one.held_out:
        rest = [p for p in passages if (p.document_id, p.section) != (one.document_id, one.section)]
        yield rest, False, _ANSWER_TAKEN


def train(examples: Sequence[Example]) -> dict[str, float]:
    """A weight for each feature, and the ``intercept``: a logistic regression by Newton's method.

    Every feature is scaled to the same spread before its weight is kept small.
    """
    x = np.array([list(asdict(one.features).values()) for one in examples])
    y = np.array([one.answers for one in examples], dtype=float)
    counts = np.array([one.weight for one in examples])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    inputs = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    weights = _newton(inputs, y, counts)
    slopes = weights[:-1] / spread
    intercept = weights[-1] - float(slopes @ mean)
    learnt = dict(zip(NAMES, slopes.tolist(), strict=True)) | {"intercept": float(intercept)}
    return {name: round(value, 3) for name, value in learnt.items()}


def _newton(inputs: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    ridge = np.eye(inputs.shape[1]) * _RIDGE
    ridge[-1, -1] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        guess = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (guess - y)) + ridge @ weights
        curve = (inputs * (counts * guess * (1 - guess))[:, None]).T @ inputs + ridge
        weights -= np.linalg.solve(curve, slope)
    return weights


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
