"""Trains the network, and evaluates it on held-out sources.

examples ──▶ windows ──▶ pieces ──▶ network ──▶ a threshold for questions, and one for data
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.training.examples import LabelledText
from genai.safety.training.network import (
    HEADS,
    Floats,
    Network,
    PieceVocabulary,
    Windows,
    arrays,
    fit,
    logits,
    untrained,
)
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.trainer import ONE_PERCENT, Flags, auc, windows_of


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """``strict`` and ``data`` are the thresholds in the file, ``usual`` the one for questions at 1 % false
    alarms."""

    network: Network
    strict: float
    usual: float
    data: float


@dataclass(frozen=True, slots=True)
class NetworkScores:
    """The highest logits of a window for each text of a source, for questions and for data."""

    examples: Sequence[LabelledText]
    questions: Floats
    data: Floats
    model: NetworkModel

    @property
    def attacks(self) -> Flags:
        return np.array([example.attack for example in self.examples], dtype=np.bool_)


class NetworkTrainer:
    """Prepares the examples once, so that leaving some out costs only the fit."""

    def __init__(self, examples: Sequence[LabelledText], settings: NetworkSettings) -> None:
        self._settings = settings
        self._examples = examples
        self._sources = np.array([example.source for example in examples])
        self._vocabulary = PieceVocabulary()
        self._kept = self._half_of(settings.calibration)
        self._kept_data = self._half_of(settings.calibration_data)
        self._windows = self._cut()

    def train(self, without: Sequence[str] = ()) -> NetworkModel:
        """A network trained on all examples except those of some sources."""
        out = np.isin(self._sources, without) | self._kept | self._kept_data
        chosen = self._few_of_each(np.flatnonzero(~out[self._windows.owners]))
        network = untrained(self._vocabulary.table, self._settings)
        fit(network, self._windows, chosen, self._settings)
        questions = self._best(network, self._kept)[:, 0]
        data = self._best(network, self._kept_data)[:, 1]
        return NetworkModel(
            network,
            strict=_threshold(questions, self._settings.alarms),
            usual=_threshold(questions, ONE_PERCENT),
            data=_threshold(data, self._settings.alarms_data),
        )

    def scores(self, model: NetworkModel, source: str) -> NetworkScores:
        asked = self._sources == source
        best = self._best(model.network, asked)
        examples = [self._examples[index] for index in np.flatnonzero(asked)]
        return NetworkScores(examples, best[:, 0], best[:, 1], model)

    def save(self, model: NetworkModel, path: Path) -> None:
        """The same model gives the same bytes."""
        saved = arrays(model.network, self._vocabulary.names, (model.strict, model.data))
        np.savez_compressed(path, **saved)

    def _cut(self) -> Windows:
        rows, owners, labels = [], [], []
        for index, example in enumerate(self._examples):
            for text, attack in windows_of(example):
                rows.append(self._vocabulary.rows(text))
                owners.append(index)
                labels.append(attack)
        taught = np.array([self._teaches(example) for example in self._examples], dtype=np.float32)
        whose = np.array(owners)
        return Windows(rows, whose, np.array(labels, dtype=np.float32), taught[whose])

    def _teaches(self, example: LabelledText) -> tuple[float, float]:
        """The weight of a text for each head. Harmless questions do not count for data."""
        settings = self._settings
        questions = example.source not in settings.data
        data = example.source not in settings.questions or example.attack
        return float(questions), float(data)

    def _half_of(self, sources: Sequence[str]) -> Flags:
        return np.array([e.source in sources and e.odd for e in self._examples], dtype=np.bool_)

    def _few_of_each(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The chosen windows, limited to `most_windows` for each source."""
        random = np.random.default_rng(self._settings.seed)
        sources = self._sources[self._windows.owners[chosen]]
        found = []
        for source in sorted(set(sources)):
            of_it = chosen[sources == source]
            most = self._settings.most_windows
            found.append(random.choice(of_it, most, replace=False) if len(of_it) > most else of_it)
        return np.concatenate(found)

    def _best(self, network: Network, asked: Flags) -> Floats:
        """The highest logits of a window for each selected text."""
        chosen = np.flatnonzero(asked[self._windows.owners])
        best = np.full((len(self._examples), HEADS), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._windows.owners[chosen], logits(network, self._windows, chosen))
        return best[asked]


def figures(trainer: NetworkTrainer, settings: NetworkSettings) -> dict[str, dict[str, float]]:
    """Recall and false alarms for each source, by a network that was not trained on its fold."""
    found: dict[str, dict[str, float]] = {}
    for fold in settings.folds:
        model = trainer.train(fold)
        found |= {source: shares(trainer.scores(model, source)) for source in fold}
    return found


def shares(scores: NetworkScores) -> dict[str, float]:
    attacks, model, found = scores.attacks, scores.model, {}
    for name, rows in (("recall", attacks), ("alarms", ~attacks)):
        if rows.any():
            found[f"{name}_n"] = float(rows.sum())
            for way, over in (
                ("usual", scores.questions > model.usual),
                ("strict", scores.questions > model.strict),
                ("data", scores.data > model.data),
            ):
                found[f"{name}_{way}"] = round(float(over[rows].mean()), 4)
    if attacks.any() and not attacks.all():
        found["auc"] = round(auc(scores.questions, attacks), 4)
    return found


def _threshold(found: Floats, alarms: float) -> float:
    """Never where the network holds a text for harmless, however clear the others were."""
    return max(0.0, float(np.quantile(found, 1 - alarms))) if len(found) else 0.0
