"""Trains `LinearOrderModel` on sentences.

examples ──▶ windows ──▶ sentences, some with a word before ──▶ kinds ──▶ weights ──▶ threshold

The threshold is that of the ensemble with the shipped networks, on held-out harmless data.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from genai.safety.injection.network import NetworkClassifier
from genai.safety.injection.reading import plain
from genai.safety.orders.classifier import LinearOrderModel, data_logits, scales
from genai.safety.orders.features import BUCKETS, buckets_of
from genai.safety.orders.units import JOINT, units
from genai.safety.training.examples import GENERATED, LabelledText
from genai.safety.training.linear import Features, Floats, LinearWeights, fit
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.trainer import windows_of

_AT_ONCE = 512
_LEADING = 0.2
_LEADS = (
    "note: ", "{}: ", "- ", "* ", "# ", "2. ", "\u2605\u2605\u2606\u2606\u2606 ", "text: ", "re: ", "> ",
    "{} - ", "subject: {} ", "// ", "| ", "({}) ", "{}" + JOINT,
)  # fmt: skip
_LEADING_WORDS = (
    "example.org", "kim", "description", "comment", "ref", "lunch", "update", "overview", "m. reyes",
    "status ok", "content", "about us", "12:00", "body", "summary", "reviews (3)", "item 4",
)  # fmt: skip
_REAL = 2.0
"""The weight of a harmless sentence that was not generated."""
_OWN = 8.0
"""The weight of a sentence of this repository's documents, because they are few."""


class OrderTrainer:
    """Prepares the examples once; the same examples give the same weights."""

    def __init__(self, examples: Sequence[LabelledText], settings: NetworkSettings) -> None:
        self._settings = settings
        self._examples = examples
        kept = [e for e in examples if e.source in settings.calibration_data and e.odd]
        self._kept = [[text for text, _ in windows_of(example)] for example in kept]
        self._texts, self._owners, self._labels = self._cut()
        self._features = _features(self._texts)

    def train(self) -> LinearWeights:
        """Fits twice. The second fit leaves out sentences of an attack that look harmless, if another one of
        the same text is clearer."""
        real = np.array([not e.source.startswith(GENERATED) for e in self._examples])[self._owners]
        own = np.isin([e.source for e in self._examples], self._settings.documents)[self._owners]
        importance = np.where(own, _OWN, np.where(real & (self._labels == 0), _REAL, 1))
        importance = importance.astype(np.float32)
        found = self._fit(importance, 2).logits(self._features)
        best = np.full(len(self._examples), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owners, found)
        importance[(self._labels == 1) & (found < best[self._owners]) & (found < 0)] = 0
        return self._fit(importance, self._settings.epochs)

    def save(
        self,
        weights: LinearWeights,
        path: Path,
        for_data: NetworkClassifier,
        for_orders: Sequence[NetworkClassifier],
    ) -> None:
        """The same weights and the same networks give the same bytes."""
        _write(weights, path, 0.0)
        linear = LinearOrderModel(path)
        best = [max(data_logits(windows, for_data, for_orders, linear)) for windows in self._kept]
        if best:
            _write(weights, path, float(np.quantile(best, 1 - self._settings.alarms_data)))

    def _fit(self, importance: Floats, epochs: int) -> LinearWeights:
        settings = self._settings
        return fit(
            self._features,
            self._labels,
            importance,
            epochs=epochs,
            learning_rate=settings.learning_rate,
            decay=settings.decay,
            seed=settings.seed,
            buckets=BUCKETS,
        )

    def _cut(self) -> tuple[list[str], NDArray[np.int64], Floats]:
        texts, owners, labels = [], [], []
        random = Random(self._settings.seed)
        for index, example in enumerate(self._examples):
            if example.source in self._settings.calibration_data and example.odd:
                continue
            for text, attack in _units_of(example):
                led = random.random() < _LEADING
                texts.append(_led(text, random) if led else text)
                owners.append(index)
                labels.append(attack)
        return texts, np.array(owners), np.array(labels, dtype=np.float32)


def _units_of(example: LabelledText) -> Iterator[tuple[str, bool]]:
    """The sentences of a text, and whether each is part of the payload."""
    payload = plain(example.payload).text if example.payload else ""
    for window, attack in windows_of(example):
        for unit in units(window):
            yield unit, attack and (not payload or _is_of(unit, payload))


def _is_of(unit: str, payload: str) -> bool:
    return payload in unit or any(len(p) > 12 and p in payload for p in unit.split(JOINT))


def _led(text: str, random: Random) -> str:
    return random.choice(_LEADS).replace("{}", random.choice(_LEADING_WORDS)) + text


def _features(texts: Sequence[str]) -> Features:
    parts = [
        buckets_of(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)
    ]
    counts = np.concatenate([part.counts for part in parts])
    starts = np.concatenate(([0], np.cumsum(counts)))
    return Features(np.concatenate([part.all for part in parts]), starts, scales(counts))


def _write(weights: LinearWeights, path: Path, threshold: float) -> None:
    np.savez_compressed(
        path,
        buckets=weights.buckets.astype(np.float16),
        bias=np.array(weights.bias),
        threshold=np.array(threshold),
    )
