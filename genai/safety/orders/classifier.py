"""The classifier that comes with the project: networks, and a reader of orders beside some of them.

    question ──▶ two networks for questions ──▶ mean ──▶ score

    data ──▶ windows ──▶ network for data, networks of orders ───┐
                     ──▶ sentences ──▶ kinds ──▶ sum of weights ─┴▶ weighted mean ──▶ score

The networks know the words around which attacks are built, the reader the shape of an order whatever its
words, so their mistakes differ. The networks of orders learnt nothing but orders to machines, in many more
words, and differ by chance alone. Questions have networks of their own: a user may give orders.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifier import Classifier
from genai.safety.injection_network import Floats, NetworkClassifier, likely
from genai.safety.orders.features import buckets_of
from genai.safety.orders.units import units

SHIPPED = Path(__file__).with_name("orders_model.npz")
OF_ORDERS = (
    Path(__file__).with_name("orders_network.npz"),
    Path(__file__).with_name("orders_network_1.npz"),
)
"""Of the make of `NetworkClassifier`; `jobs/train_orders_network.yaml` says what they learnt."""

_MOST = 6.0
"""None of them is surer than so much."""
_SHARES = (0.2, 0.4, 0.4)
"""What the network for data, the mean of the networks of orders, and the reader count."""
_SMOOTH = 50
"""As if a text had so many features more, so that a few do not decide alone."""


class OrderReader:
    """Loads the weights when constructed."""

    def __init__(self, path: Path = SHIPPED) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._weights = file["buckets"].astype(np.float32)
            self._bias = float(file["bias"])
            self.threshold = float(file["threshold"])

    def logits(self, texts: Sequence[str]) -> list[float]:
        """Of the most suspicious sentence of each text; of one without a sentence the least there is."""
        parts = [units(text) for text in texts]
        every = list(dict.fromkeys(part for own in parts for part in own))
        found = dict(zip(every, self._of(every), strict=True))
        return [max((found[part] for part in own), default=-_MOST) for own in parts]

    def _of(self, every: Sequence[str]) -> list[float]:
        if not every:
            return []
        found = buckets_of(every)
        sums = np.add.reduceat(self._weights[found.all], found.starts[:-1])
        told: list[float] = (sums * scales(found.counts) + self._bias).tolist()
        return told


def scales(counts: NDArray[np.int64]) -> Floats:
    """What the sum of so many weights is multiplied by."""
    found: Floats = (3 / np.sqrt(counts + _SMOOTH)).astype(np.float32)
    return found


class DataClassifier(Classifier):
    """Of what users write: what the networks for ``questions`` say together. Of data: what the one for data,
    those of orders and the reader say.
    """

    waits = False

    def __init__(
        self,
        for_data: NetworkClassifier,
        of_orders: Sequence[NetworkClassifier],
        reader: OrderReader,
        questions: Sequence[NetworkClassifier],
    ) -> None:
        self._for_data = for_data
        self._of_orders = of_orders
        self._reader = reader
        self._questions = tuple(questions)

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        return [float(score) for score in self.scores(texts, data=data)]

    def scores(self, texts: Sequence[str], *, data: bool) -> Floats:
        """0 to 1 for each text."""
        if not data:
            return likely(
                np.mean([each.logits(texts, data=False) for each in self._questions], axis=0)
            )
        least = self._reader.threshold
        said = together(texts, self._for_data, self._of_orders, self._reader, least)
        return likely(said - least)


def together(
    texts: Sequence[str],
    for_data: NetworkClassifier,
    of_orders: Sequence[NetworkClassifier],
    reader: OrderReader,
    least: float = -np.inf,
) -> Floats:
    """The weighted mean of what all say of each text that is data.

    Where it cannot reach ``least`` whatever the other networks of orders say, the first speaks for all.
    """
    shares = np.array(_SHARES, dtype=np.float32)
    first, *others = of_orders
    said = shares[0] * _bounded(for_data.logits(texts, data=True))
    said += shares[2] * _bounded(reader.logits(texts))
    heard = _bounded(first.logits(texts, data=True))
    share = shares[1] / len(of_orders)
    open_to = np.flatnonzero(said + share * (heard + len(others) * _MOST) >= least)
    for other in others:
        theirs = heard.copy()
        theirs[open_to] = _bounded(other.logits([texts[i] for i in open_to], data=True))
        said += share * theirs
    found: Floats = said + share * heard
    return found


def _bounded(logits: Sequence[float] | Floats) -> Floats:
    return np.clip(np.asarray(logits, dtype=np.float32), -_MOST, _MOST)
