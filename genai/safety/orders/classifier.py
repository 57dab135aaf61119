"""The classifier that comes with the project: networks, and a reader of orders beside two of them.

    question ──▶ two networks for questions ──▶ mean ──▶ score

    data ──▶ windows ──▶ network, network for data ──────────────┐
                     ──▶ sentences ──▶ kinds ──▶ sum of weights ─┴▶ mean ──▶ score

The networks know the words around which attacks are built, the reader the shape of an order whatever its
words, so their mistakes differ. Of what users write the reader is not asked: a user may give orders.
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

_MOST = 6.0
"""None of the three is surer than so much."""
_READER = 0.6
"""What the reader counts; the networks have equal shares of the rest."""
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
    """Of what users write, what the networks for ``questions`` say together; of data, what the other two
    and the reader say.
    """

    waits = False

    def __init__(
        self,
        network: NetworkClassifier,
        for_data: NetworkClassifier,
        reader: OrderReader,
        questions: Sequence[NetworkClassifier],
    ) -> None:
        self._networks = (network, for_data)
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
        said = together(texts, self._networks, self._reader)
        return likely(said - self._reader.threshold)


def together(
    texts: Sequence[str], networks: Sequence[NetworkClassifier], reader: OrderReader
) -> Floats:
    """The mean of what all say of each text that is data."""
    read = np.clip(np.array(reader.logits(texts), dtype=np.float32), -_MOST, _MOST)
    told = [np.clip(each.logits(texts, data=True), -_MOST, _MOST) for each in networks]
    found: Floats = np.mean(told, axis=0) * np.float32(1 - _READER) + read * np.float32(_READER)
    return found
