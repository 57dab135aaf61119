"""Fits anew what the networks together make of questions; what they make of data stays as it is.

examples ──▶ windows ──▶ what each network sees ──▶ one sum of all ──▶ threshold ──▶ a part for each file

Only the last sum is fitted, so that it takes a minute and can learn from many kinds of questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from genai.safety.injection_network import Floats, NetworkClassifier
from genai.safety.training.examples import Example
from genai.safety.training.network_settings import NetworkSettings
from genai.safety.training.trainer import windows_of

_SURE = 0.98


@dataclass(frozen=True, slots=True)
class Heads:
    """``weights`` has a row for each network; the mean of what they say is the sum that was fitted."""

    weights: Floats
    bias: float
    threshold: float


class HeadTrainer:
    """Looks at the examples once with each network."""

    def __init__(
        self,
        examples: Sequence[Example],
        settings: NetworkSettings,
        networks: Sequence[NetworkClassifier],
    ) -> None:
        self._settings = settings
        self._networks = networks
        texts, labels, kept = _windows(examples, settings)
        self._seen = torch.from_numpy(_seen(texts, networks))
        self._labels = torch.tensor(labels, dtype=torch.float32)
        self._kept = torch.tensor(kept)

    def train(self) -> Heads:
        settings = self._settings
        torch.manual_seed(settings.seed)
        seen, wanted = self._seen[~self._kept], self._labels[~self._kept]
        wanted = wanted * (2 * _SURE - 1) + (1 - _SURE)
        weights = torch.zeros(seen.shape[1], requires_grad=True)
        bias = torch.zeros((), requires_grad=True)
        optimizer = torch.optim.Adam([weights, bias], lr=settings.learning_rate)
        rounds = torch.optim.lr_scheduler.LinearLR(
            optimizer, 1, 1 / settings.epochs, settings.epochs
        )
        for _ in range(settings.epochs):
            order: Any = torch.randperm(len(seen))
            for batch in order.split(settings.batch):
                told = seen[batch] @ weights + bias
                loss: Any = binary_cross_entropy_with_logits(told, wanted[batch])
                loss = loss + settings.decay * (weights**2).sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            rounds.step()
        return self._heads(weights.detach(), float(bias.detach()))

    def _heads(self, weights: Tensor, bias: float) -> Heads:
        kept = (self._seen[self._kept] @ weights + bias).numpy()
        strict = float(np.quantile(kept, 1 - self._settings.alarms)) if len(kept) else 0.0
        parts = weights.numpy().reshape(len(self._networks), -1)
        return Heads(parts * np.float32(len(parts)), bias, max(0.0, strict))


def save(heads: Heads, paths: Sequence[Path], outs: Sequence[Path]) -> None:
    """The networks of ``paths`` with the part of each: the same heads give the same bytes."""
    for weights, path, out in zip(heads.weights, paths, outs, strict=True):
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        for name, value in (
            ("out", weights),
            ("biases", heads.bias),
            ("thresholds", heads.threshold),
        ):
            arrays[name] = arrays[name].astype(np.float32)
            arrays[name][0] = value
        np.savez_compressed(out, **arrays)


def _windows(
    examples: Sequence[Example], settings: NetworkSettings
) -> tuple[list[str], list[bool], list[bool]]:
    """Of no source more than the settings allow; with whether it attacks, and whether it is kept."""
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
        [attack for _, attack, _ in found],
        [kept for *_, kept in found],
    )


def _seen(texts: Sequence[str], networks: Sequence[NetworkClassifier]) -> Floats:
    """A row for each text, zeros for one without words; the networks lie side by side."""
    order: NDArray[np.int64] = np.argsort([len(text) for text in texts], kind="stable")
    parts = []
    for network in networks:
        asked, rows = network.seen([texts[index] for index in order], data=False)
        part = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
        part[order[asked]] = rows
        parts.append(part)
    found: Floats = np.concatenate(parts, axis=1)
    return found
