"""Trains the linear classifier, and evaluates it on held-out sources.

examples ──▶ windows ──▶ features ──▶ weights ──▶ threshold on held-out harmless texts
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genai.safety.injection.reading import plain
from genai.safety.injection.windows import windows
from genai.safety.training.examples import GENERATED, LabelledText
from genai.safety.training.linear import Features, Floats, LinearWeights, featurize, fit, select
from genai.safety.training.settings import TrainingSettings

_MOST_WINDOWS = 40
_LONGEST = 20_000
_ENOUGH = 25
"""Characters of a payload that make a window an attack."""

ONE_PERCENT = 0.01

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Model:
    """``strict`` is the threshold in the file, ``usual`` the one at 1 % false alarms."""

    weights: LinearWeights
    strict: float
    usual: float


@dataclass(frozen=True, slots=True)
class Scores:
    """The highest logit of a window for each text of a source."""

    examples: Sequence[LabelledText]
    logits: Floats
    model: Model


class Trainer:
    """Prepares the examples once, so that leaving some out costs only the fit."""

    def __init__(self, examples: Sequence[LabelledText], settings: TrainingSettings) -> None:
        self._settings = settings
        self._examples = examples
        self._sources = np.array([example.source for example in examples])
        texts, owners, attacks = [], [], []
        for index, example in enumerate(examples):
            for text, attack in windows_of(example):
                texts.append(text)
                owners.append(index)
                attacks.append(attack)
        self._owners = np.array(owners)
        self._labels = np.array(attacks, dtype=np.float32)
        self._features = featurize(texts)
        self._kept = np.array(
            [e.source in settings.calibration and e.odd for e in examples], dtype=np.bool_
        )

    def train(self, without: Sequence[str] = ()) -> Model:
        """A model trained on all examples except those of some sources."""
        out = np.isin(self._sources, without) | self._kept
        chosen = np.flatnonzero(~out[self._owners])
        weights = self._fit(chosen)
        kept = self._best(weights, self._kept)
        strict, usual = np.quantile(kept, [1 - self._settings.alarms, 1 - ONE_PERCENT])
        return Model(weights, float(strict), float(usual))

    def held_out(self, source: str) -> Scores:
        """The scores of a source by a model that was not trained on it."""
        model = self.train([source])
        asked = self._sources == source
        examples = [self._examples[index] for index in np.flatnonzero(asked)]
        return Scores(examples, self._best(model.weights, asked), model)

    def _fit(self, chosen: NDArray[np.intp]) -> LinearWeights:
        """Fits twice. The second fit leaves out windows of an attack that look harmless, if another window of
        the same text is clearer."""
        features, labels = select(self._features, chosen), self._labels[chosen]
        first = self._run(features, labels, np.ones_like(labels))
        logits, owners = first.logits(features), self._owners[chosen]
        best = np.full(len(self._examples), -np.inf, dtype=np.float32)
        np.maximum.at(best, owners, logits)
        unclear = (labels == 1) & (logits < best[owners]) & (logits < 0)
        return self._run(features, labels, np.where(unclear, 0, 1).astype(np.float32))

    def _run(self, features: Features, labels: Floats, importance: Floats) -> LinearWeights:
        chosen = self._settings
        return fit(
            features,
            labels,
            importance,
            epochs=chosen.epochs,
            learning_rate=chosen.learning_rate,
            decay=chosen.decay,
            seed=chosen.seed,
        )

    def _best(self, weights: LinearWeights, asked: Flags) -> Floats:
        """The highest logit of a window for each selected text."""
        chosen = np.flatnonzero(asked[self._owners])
        best = np.full(len(self._examples), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owners[chosen], weights.logits(select(self._features, chosen)))
        return best[asked]


def figures(trainer: Trainer, settings: TrainingSettings) -> dict[str, dict[str, float]]:
    """Recall and false alarms for each public file, by a model that was not trained on it."""
    found: dict[str, dict[str, float]] = {}
    for source in (*settings.labelled, *settings.harmless):
        found[source] = shares(trainer.held_out(source))
    return found


def shares(scores: Scores) -> dict[str, float]:
    attacks = np.array([example.attack for example in scores.examples], dtype=np.bool_)
    found: dict[str, float] = {}
    for name, rows in (("recall", attacks), ("alarms", ~attacks)):
        if rows.any():
            found[f"{name}_n"] = int(rows.sum())
            for threshold in ("usual", "strict"):
                over = scores.logits[rows] > getattr(scores.model, threshold)
                found[f"{name}_{threshold}"] = round(float(over.mean()), 4)
    if attacks.any() and not attacks.all():
        found["auc"] = round(auc(scores.logits, attacks), 4)
    return found


def auc(logits: Floats, attacks: Flags) -> float:
    """The area under the ROC curve, by ranks; ties count half."""
    order = np.argsort(logits, kind="stable")
    ranks = np.empty(len(logits))
    ranks[order] = np.arange(1, len(logits) + 1)
    _, ties = np.unique(logits, return_inverse=True)
    mean = np.bincount(ties, ranks) / np.bincount(ties)
    positive = int(attacks.sum())
    above = mean[ties][attacks].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (len(logits) - positive)))


def save(model: Model, path: Path, hot: NDArray[np.uint32] | None = None) -> None:
    """Write the file that `LinearClassifier` loads; the same model gives the same bytes.

    ``hot`` are the checksums of trigger words (`trigger_words`).
    """
    arrays: dict[str, Any] = {
        "buckets": model.weights.buckets.astype(np.float16),
        "bias": np.array(model.weights.bias),
        "threshold": np.array(model.strict),
    }
    np.savez_compressed(path, **(arrays if hot is None else arrays | {"hot": hot}))


def is_public(example: LabelledText) -> bool:
    return not example.source.startswith(GENERATED)


def windows_of(example: LabelledText) -> list[tuple[str, bool]]:
    """The normalised windows of a text, and whether each is an attack."""
    text = example.text[:_LONGEST]
    at = text.find(example.payload) if example.payload else -1
    found: list[tuple[str, bool]] = []
    for start, end in windows(text)[:_MOST_WINDOWS]:
        attack = example.attack
        if at >= 0:
            shared = min(end, at + len(example.payload)) - max(start, at)
            attack = attack and shared >= min(_ENOUGH, 0.6 * len(example.payload))
        found.append((plain(text[start:end]).text, attack))
    return found
