"""Trains the network of `NetworkClassifier` with torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, relu

from genai.embeddings.minilm import packaged_model
from genai.safety.classifiers.word_pieces import Pieces
from genai.safety.injection.network import DILATIONS, MOST_PIECES
from genai.safety.training.network_settings import NetworkSettings
from genai.training.word_vectors import read_word_vectors

WIDTH = 64
HEADS = 2
"""Output heads: for questions and for data."""

NEIGHBOURS = 3
"""The kernel size of the convolutions."""

_CHUNK = 8192
_SURE = 0.98
_NOTHING = -1e4
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


class PieceVocabulary:
    """The pieces of MiniLM and their input embeddings."""

    def __init__(self) -> None:
        known = read_word_vectors(Path(packaged_model()), words=1, parts=1)
        self.names = list(known.rows)
        self.table = known.table
        self._pieces = Pieces(self.names)

    def rows(self, text: str) -> Rows:
        return np.array(self._pieces.rows(text)[:MOST_PIECES] or [0], dtype=np.int64)


class Network(nn.Module):
    """The network of `NetworkClassifier`. Its vectors are a projection of the table of embeddings."""

    def __init__(self, table: Tensor, settings: NetworkSettings, heads: int = HEADS) -> None:
        super().__init__()
        hidden = settings.hidden
        self.heads = heads
        self._table = table
        self._forgotten = settings.forgotten
        _, sizes, view = torch.pca_lowrank(table, q=WIDTH, niter=3)
        self.view = nn.Parameter((view / (sizes / len(table) ** 0.5) * 0.5).contiguous())
        self.near = nn.Conv1d(WIDTH, hidden, NEIGHBOURS, padding=1)
        self.layers = nn.ModuleDict(
            {
                name: nn.Conv1d(hidden, hidden, NEIGHBOURS, padding=gap, dilation=gap)
                for name, gap in list(DILATIONS.items())[: settings.layers]
            }
        )
        self.look = nn.Linear(hidden, heads, bias=False)
        self.out = nn.Linear(2 * hidden, heads)
        self.drop = nn.Dropout(settings.dropout)

    def forward(self, rows: Tensor, inside: Tensor) -> Tensor:
        known, where = torch.unique(rows, return_inverse=True)
        kept = inside
        if self.training:
            kept = inside * (torch.rand_like(inside) > self._forgotten)
        words = ((self._table[known] @ self.view)[where] * kept[..., None]).transpose(1, 2)
        far = relu(self.near(words)) * inside[:, None]
        for layer in self.layers.values():
            far = (relu(layer(self.drop(far))) + far) * inside[:, None]
        far = far.transpose(1, 2)
        outside = inside[..., None] == 0
        most = far.masked_fill(outside, _NOTHING).amax(1)
        looks = self.look(far).masked_fill(outside, _NOTHING).softmax(1)
        average = torch.einsum("bth,btk->bkh", far, looks)
        heads = [
            self.drop(torch.cat([most, average[:, k]], 1)) @ self.out.weight[k] + self.out.bias[k]
            for k in range(self.heads)
        ]
        return torch.stack(heads, 1)


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of texts. ``rows`` are their pieces, ``owners`` the indexes of their texts.

    ``importance`` has a column for each head; 0 leaves a window out.
    """

    rows: Sequence[Rows]
    owners: NDArray[np.int64]
    labels: Floats
    importance: Floats

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.array([len(row) for row in self.rows])

    def batch(self, chosen: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        width = max(len(self.rows[i]) for i in chosen)
        rows = np.zeros((len(chosen), width), dtype=np.int64)
        inside = np.zeros((len(chosen), width), dtype=np.float32)
        for place, index in enumerate(chosen):
            rows[place, : len(self.rows[index])] = self.rows[index]
            inside[place, : len(self.rows[index])] = 1
        return torch.from_numpy(rows), torch.from_numpy(inside)


def logits(network: Network, windows: Windows, chosen: NDArray[np.int64]) -> Floats:
    """A row for each chosen window, a column for each head."""
    network.eval()
    found = np.zeros((len(chosen), network.heads), dtype=np.float32)
    order = np.argsort(windows.lengths[chosen], kind="stable")
    with torch.inference_mode():
        for start in range(0, len(order), 512):
            part = order[start : start + 512]
            found[part] = network(*windows.batch(chosen[part])).numpy()
    return found


def untrained(table: Tensor, settings: NetworkSettings) -> Network:
    """A new network, initialised by the seed."""
    torch.manual_seed(settings.seed)
    return Network(table, settings)


def fit(
    network: Network, windows: Windows, chosen: NDArray[np.int64], settings: NetworkSettings
) -> Network:
    """Train the network in place. After the first epoch, windows of an attack that look harmless are left
    out, if another window of the same text is clearer."""
    random = np.random.default_rng(settings.seed)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.learning_rate, weight_decay=settings.decay
    )
    batches = _batches(windows, chosen, settings.batch, random)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=settings.epochs * len(batches), pct_start=0.1
    )
    importance = windows.importance
    for epoch in range(settings.epochs):
        network.train()
        for batch in batches:
            loss = _loss(network, windows, batch, importance)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if epoch == 0:
            importance = _without_unclear(network, windows, chosen)
        batches = _batches(windows, chosen, settings.batch, random)
    return network


def _loss(network: Network, windows: Windows, batch: NDArray[np.int64], importance: Floats) -> Any:
    wanted = torch.from_numpy(windows.labels[batch] * (2 * _SURE - 1) + (1 - _SURE))
    return binary_cross_entropy_with_logits(
        network(*windows.batch(batch)),
        wanted[:, None].expand(-1, network.heads),
        weight=torch.from_numpy(importance[batch]),
    )


def _batches(
    windows: Windows, chosen: NDArray[np.int64], size: int, random: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Batches of windows of similar length, in random order; the same number in each epoch."""
    order = random.permutation(chosen)
    lengths = windows.lengths
    sorted_parts = [
        part[np.argsort(lengths[part], kind="stable")]
        for part in np.array_split(order, max(1, len(order) // _CHUNK))
    ]
    flat = np.concatenate(sorted_parts)
    found = [flat[start : start + size] for start in range(0, len(flat), size)]
    return [found[index] for index in random.permutation(len(found))]


def _without_unclear(network: Network, windows: Windows, chosen: NDArray[np.int64]) -> Floats:
    attacks = chosen[windows.labels[chosen] == 1]
    found = logits(network, windows, attacks).max(axis=1)
    owners = windows.owners[attacks]
    best = np.full(windows.owners.max() + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, owners, found)
    importance = windows.importance.copy()
    importance[attacks[(found < best[owners]) & (found < 0)]] = 0
    return importance


def arrays(network: Network, names: Sequence[str], thresholds: Sequence[float]) -> dict[str, Any]:
    """The arrays of a file of `NetworkClassifier`."""
    with torch.no_grad():
        vectors = (network._table @ network.view).numpy()
        scale = float(np.abs(vectors).max()) / 127
        return {
            "vocabulary": np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
            "vectors": np.round(vectors / scale).astype(np.int8),
            "scale": np.array(scale, dtype=np.float32),
            **_weights(network, network.near.weight, thresholds),
        }


def shared_arrays(network: Network, thresholds: Sequence[float]) -> dict[str, Any]:
    """The same for a network whose table has the vectors of another file."""
    with torch.no_grad():
        near = torch.einsum("vw,owk->ovk", network.view, network.near.weight)
        return _weights(network, near, thresholds)


def _weights(network: Network, near: Tensor, thresholds: Sequence[float]) -> dict[str, Any]:
    return {
        "near": _flat(near),
        "near_bias": network.near.bias.numpy(),  # type: ignore[union-attr]
        **{name: _flat(layer) for name, layer in _of_layers(network, "weight")},
        **{f"{name}_bias": bias.numpy() for name, bias in _of_layers(network, "bias")},
        "look": network.look.weight.numpy(),
        "out": network.out.weight.numpy(),
        "biases": network.out.bias.numpy(),
        "thresholds": np.array(thresholds, dtype=np.float32),
    }


def _of_layers(network: Network, what: str) -> list[tuple[str, Tensor]]:
    return [(name, getattr(layer, what)) for name, layer in network.layers.items()]


def fine_tuned_from(arrays: Mapping[str, Any], settings: NetworkSettings) -> Network:
    """A network for questions, initialised with the weights of another one, over its vectors."""
    torch.manual_seed(settings.seed)
    table = torch.from_numpy(arrays["vectors"].astype(np.float32) * np.float32(arrays["scale"]))
    network = Network(table, settings, heads=1)
    known = {
        "view": np.eye(table.shape[1], dtype=np.float32),
        "near.weight": _unflat(arrays["near"]),
        "near.bias": arrays["near_bias"],
        "layers.far.weight": _unflat(arrays["far"]),
        "layers.far.bias": arrays["far_bias"],
        "look.weight": arrays["look"][:1],
        "out.weight": arrays["out"][:1],
        "out.bias": arrays["biases"][:1],
    }
    network.load_state_dict({name: torch.from_numpy(value) for name, value in known.items()})
    return network


def _flat(weights: Tensor) -> Any:
    """The weights of a convolution as a matrix, in the order of `NetworkClassifier`."""
    rows = weights.permute(2, 1, 0)
    return rows.reshape(-1, rows.shape[2]).numpy().astype(np.float16)


def _unflat(rows: NDArray[np.float16]) -> Any:
    weights = rows.astype(np.float32).reshape(NEIGHBOURS, -1, rows.shape[1])
    return np.ascontiguousarray(weights.transpose(2, 1, 0))
