"""The ensemble of classifiers that comes with the project.

    question ──▶ two networks for questions ──▶ mean ──▶ score

    data ──▶ windows ──▶ network for data, networks for orders ──┐
                     ──▶ sentences ──▶ kinds ──▶ linear model ───┴▶ weighted mean ──▶ score

The networks recognise the vocabulary of attacks, the linear model the syntax of orders, so their errors
differ. The networks for orders are trained on orders to machines only, in more words; they differ only in
their random seeds. Questions have separate networks, because users may give orders.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifiers.classifier import Classifier
from genai.safety.injection.network import Floats, NetworkClassifier, sigmoid
from genai.safety.orders.features import buckets_of
from genai.safety.orders.units import units

SHIPPED = Path(__file__).with_name("orders_model.npz")
ORDER_NETWORKS = (
    Path(__file__).with_name("orders_network.npz"),
    Path(__file__).with_name("orders_network_1.npz"),
)
"""Files of `NetworkClassifier`, trained with `jobs/train_orders_network.yaml`."""

_MAX_LOGIT = 6.0
"""Limits the influence of each member."""
_SHARES = (0.2, 0.35, 0.45)
"""The weights of the network for data, the mean of the networks for orders, and the linear model."""
_SMOOTHING = 50
"""Added to the number of features, so that a few features do not decide alone."""


class LinearOrderModel:
    """A linear model over hashed features of each sentence. The constructor loads the weights."""

    def __init__(self, path: Path = SHIPPED) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._weights = file["buckets"].astype(np.float32)
            self._bias = float(file["bias"])
            self.threshold = float(file["threshold"])

    def logits(self, texts: Sequence[str]) -> list[float]:
        """The highest logit of a sentence for each text; the minimum for texts without a sentence."""
        sentences = [units(text) for text in texts]
        distinct = list(dict.fromkeys(unit for of_text in sentences for unit in of_text))
        found = dict(zip(distinct, self._score(distinct), strict=True))
        return [
            max((found[unit] for unit in of_text), default=-_MAX_LOGIT) for of_text in sentences
        ]

    def _score(self, sentences: Sequence[str]) -> list[float]:
        if not sentences:
            return []
        found = buckets_of(sentences)
        sums = np.add.reduceat(self._weights[found.all], found.starts[:-1])
        logits: list[float] = (sums * scales(found.counts) + self._bias).tolist()
        return logits


def scales(counts: NDArray[np.int64]) -> Floats:
    """The factors that normalise sums of so many weights."""
    found: Floats = (3 / np.sqrt(counts + _SMOOTHING)).astype(np.float32)
    return found


class EnsembleClassifier(Classifier):
    """Scores questions by the mean of the networks for questions, and data by `data_logits`."""

    waits = False

    def __init__(
        self,
        for_data: NetworkClassifier,
        for_orders: Sequence[NetworkClassifier],
        linear: LinearOrderModel,
        questions: Sequence[NetworkClassifier],
    ) -> None:
        self._for_data = for_data
        self._for_orders = for_orders
        self._linear = linear
        self._questions = tuple(questions)

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        return [float(score) for score in self.scores(texts, data=data)]

    def scores(self, texts: Sequence[str], *, data: bool) -> Floats:
        """0 to 1 for each text."""
        if not data:
            return sigmoid(
                np.mean([each.logits(texts, data=False) for each in self._questions], axis=0)
            )
        threshold = self._linear.threshold
        logits = data_logits(texts, self._for_data, self._for_orders, self._linear, threshold)
        return sigmoid(logits - threshold)


def data_logits(
    texts: Sequence[str],
    for_data: NetworkClassifier,
    for_orders: Sequence[NetworkClassifier],
    linear: LinearOrderModel,
    threshold: float = -np.inf,
) -> Floats:
    """The weighted mean of the logits of all members for each text.

    If a text cannot reach ``threshold``, only the first network for orders is evaluated, and counts for all.
    """
    shares = np.array(_SHARES, dtype=np.float32)
    first, *others = for_orders
    total = shares[0] * _clipped(for_data.logits(texts, data=True))
    total += shares[2] * _clipped(linear.logits(texts))
    of_first = _clipped(first.logits(texts, data=True))
    share = shares[1] / len(for_orders)
    undecided = np.flatnonzero(total + share * (of_first + len(others) * _MAX_LOGIT) >= threshold)
    for other in others:
        of_other = of_first.copy()
        of_other[undecided] = _clipped(other.logits([texts[i] for i in undecided], data=True))
        total += share * of_other
    found: Floats = total + share * of_first
    return found


def _clipped(logits: Sequence[float] | Floats) -> Floats:
    return np.clip(np.asarray(logits, dtype=np.float32), -_MAX_LOGIT, _MAX_LOGIT)
