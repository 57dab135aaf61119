"""Fine-tunes a network of `jobs.train_injection` for questions.

examples ──▶ windows ──▶ pieces ──▶ network over the vectors of the first ──▶ threshold

The first network is not changed, and its vectors are shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genai.safety.classifiers.word_pieces import Pieces
from genai.safety.injection.network import MOST_PIECES
from genai.safety.training.examples import LabelledText
from genai.safety.training.network import (
    Network,
    Windows,
    fine_tuned_from,
    fit,
    logits,
    shared_arrays,
)
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.trainer import Flags, windows_of


@dataclass(frozen=True, slots=True)
class QuestionModel:
    network: Network
    threshold: float


class QuestionTrainer:
    """Prepares the examples once. ``first`` is the file of the network to begin with."""

    def __init__(
        self, examples: Sequence[LabelledText], settings: NetworkSettings, first: Path
    ) -> None:
        self._settings = settings
        with np.load(first, allow_pickle=False) as file:
            self._arrays = {name: file[name] for name in file.files}
        pieces = Pieces(self._arrays["vocabulary"].tobytes().decode().split("\n"))
        texts, labels, kept = _windows(examples, settings)
        rows = [np.array(pieces.rows(text)[:MOST_PIECES] or [0], dtype=np.int64) for text in texts]
        everything = np.ones((len(rows), 1), dtype=np.float32)
        self._windows = Windows(rows, np.arange(len(rows)), labels, everything)
        self._kept = kept

    def train(self) -> QuestionModel:
        network = fine_tuned_from(self._arrays, self._settings)
        fit(network, self._windows, np.flatnonzero(~self._kept), self._settings)
        kept = logits(network, self._windows, np.flatnonzero(self._kept))
        strict = float(np.quantile(kept, 1 - self._settings.alarms)) if len(kept) else 0.0
        return QuestionModel(network, max(0.0, strict))

    def save(self, model: QuestionModel, path: Path) -> None:
        """The same model gives the same bytes."""
        np.savez_compressed(path, **shared_arrays(model.network, (model.threshold,)))


def _windows(
    examples: Sequence[LabelledText], settings: NetworkSettings
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.float32]], Flags]:
    """The windows, limited for each source, with their labels and whether they are kept for calibration."""
    by_source: dict[str, list[tuple[str, bool, bool]]] = {}
    for example in examples:
        kept = example.source in settings.calibration and example.odd
        for text, attack in windows_of(example):
            by_source.setdefault(f"{example.source} {kept}", []).append((text, attack, kept))
    random = np.random.default_rng(settings.seed)
    found: list[tuple[str, bool, bool]] = []
    for _, own in sorted(by_source.items()):
        few = min(len(own), settings.most_windows)
        found += [own[index] for index in random.choice(len(own), few, replace=False)]
    return (
        [text for text, _, _ in found],
        np.array([attack for _, attack, _ in found], dtype=np.float32),
        np.array([kept for *_, kept in found], dtype=np.bool_),
    )
