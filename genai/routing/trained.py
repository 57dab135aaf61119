"""Routes a question by a logistic regression on its embedding, trained on many questions.

Examples show what each route is about. But to tell a figure of the database (*how many cards are blocked?*)
from a rule (*how many cards may I have?*) takes more examples than can be compared one by one.
`jobs.train_router` writes the weights.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.language.openings import asks_whether
from genai.messages import Route
from genai.regression import fit
from genai.routing.base import Judgement
from genai.section import Section

NEVER: Final = "(?!)"
ROW: Final = re.compile(r"(?<![\d.,])\d{4,}(?![\d.,]*\d)(?<!\b(?:19|20)\d\d)")
"""A number that identifies a row, not a year."""


class RouteWeights(Section):
    """A linear classifier between two routes.

    A question takes ``route`` if its probability is at least ``least``, or ``whether`` for a yes-no
    question without a row number; else ``otherwise``.

    The weights belong to embeddings of ``embedder``. A question that matches the regular expression
    ``words`` always takes ``route``, but not with confidence: *on average* asks for a figure.
    """

    embedder: str
    route: Route
    otherwise: Route
    least: float
    whether: float = 0.0
    intercept: float
    weights: tuple[float, ...]
    words: str = NEVER


class TrainedRouter:
    """A `Router` between two routes."""

    def __init__(self, embedder: BaseEmbedder, trained: RouteWeights) -> None:
        self._embedder = embedder
        self._trained = trained
        self._weights = np.asarray(trained.weights)
        self._words = re.compile(trained.words, re.IGNORECASE)

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        vectors = await self._embedder.async_embed(list(texts))
        sums = self._trained.intercept + np.asarray(vectors) @ self._weights
        likely = [1 / (1 + math.exp(-sum_)) for sum_ in sums.tolist()]
        return [
            self._judged(one, self._least(text), calls=self._words.search(text) is not None)
            for text, one in zip(texts, likely, strict=True)
        ]

    def _least(self, text: str) -> float:
        trained = self._trained
        rule = asks_whether(text) and ROW.search(text) is None
        return max(trained.least, trained.whether) if rule else trained.least

    def _judged(self, likely: float, least: float, *, calls: bool) -> Judgement:
        """Confidence is the relative distance from the decision boundary."""
        trained = self._trained
        if calls or likely >= least:
            return Judgement(trained.route, max(likely - least, 0.0) / (1 - least))
        return Judgement(trained.otherwise, (least - likely) / least)


def read_route_weights(path: Path) -> RouteWeights:
    """Raises `OSError` or `ValueError` when the file cannot be used."""
    return RouteWeights.model_validate_json(path.read_text(encoding="utf-8"))


def train_route(
    vectors: Mapping[Route, np.ndarray],
    *,
    embedder: str,
    route: Route,
    otherwise: Route,
    least: float,
    whether: float = 0.0,
    words: str = NEVER,
) -> RouteWeights:
    """Trains on the embedded questions of both routes, weighted equally."""
    own, others = vectors[route], vectors[otherwise]
    rows = np.vstack([own, others])
    answers = np.array([1.0] * len(own) + [0.0] * len(others))
    counts = np.where(answers == 1.0, len(others) / len(own), 1.0)
    slopes, intercept = fit(rows, answers, counts, ridge=1.0)
    return RouteWeights(
        embedder=embedder,
        route=route,
        otherwise=otherwise,
        least=least,
        whether=whether,
        words=words,
        intercept=round(intercept, 4),
        weights=tuple(round(value, 4) for value in slopes.tolist()),
    )


def write_route_weights(path: Path, trained: RouteWeights) -> None:
    path.write_text(json.dumps(trained.model_dump()) + "\n", encoding="utf-8")


def share_of(trained: RouteWeights, vectors: Sequence[Sequence[float]] | np.ndarray) -> float:
    """The share of questions that take ``route``."""
    sums = np.asarray(vectors) @ np.asarray(trained.weights) + trained.intercept
    return float(np.mean(1 / (1 + np.exp(-sums)) >= trained.least))
