"""The classifier of slipped-in instructions that comes with the project: a small network.

    words ──▶ pieces ──▶ vectors ──▶ what stands around each ──▶ twice ──▶ the most telling ──▶ score

The vectors are those with which a sentence model begins, so that words of like meaning are neighbours;
no such model runs. `jobs.train_injection` makes the file, `benchmarks/safety/README.md` says how good
it is.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifier import Classifier
from genai.safety.pieces import Pieces

SHIPPED = Path(__file__).with_name("injection_model.npz")

MOST_PIECES = 110
"""Of a window; text that no vocabulary knows may have more, and they do not count."""

_BATCH = 64
Floats = NDArray[np.float32]


class NetworkClassifier(Classifier):
    """Loads the weights when constructed: two megabytes."""

    waits = False

    def __init__(self, path: Path = SHIPPED) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._pieces = Pieces(file["vocabulary"].tobytes().decode().split("\n"))
            self._vectors = file["vectors"].astype(np.float32) * file["scale"]
            self._weights = {
                name: file[name].astype(np.float32)
                for name in ("near", "near_bias", "far", "far_bias", "look", "out")
            }
            self._biases = file["biases"] - file["thresholds"]

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        return [float(score) for score in self.scores(texts, data=data)]

    def scores(self, texts: Sequence[str], *, data: bool) -> Floats:
        """0 to 1 for each text."""
        head = int(data)
        rows = [self._pieces.rows(text)[:MOST_PIECES] for text in texts]
        asked = [i for i, row in enumerate(rows) if row]
        found = np.zeros(len(texts), dtype=np.float32)
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            logits = self._logits([rows[i] for i in batch], head)
            found[batch] = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
        return found

    def _logits(self, rows: Sequence[list[int]], head: int) -> Floats:
        lengths = np.array([len(row) for row in rows])
        inside = np.arange(lengths.max()) < lengths[:, None]
        known = np.zeros((*inside.shape, self._vectors.shape[1]), dtype=np.float32)
        known[inside] = self._vectors[np.concatenate(rows)]
        near = self._seen_around(known, "near", 1) * inside[..., None]
        far = self._seen_around(near, "far", 2) + near
        hidden = np.where(inside[..., None], far, np.float32(-1e4))
        most = hidden.max(axis=1)
        looks = np.where(inside, far @ self._weights["look"][head], np.float32(-1e4))
        looks = np.exp(looks - looks.max(axis=1, keepdims=True))
        looks /= looks.sum(axis=1, keepdims=True)
        average = np.matmul(looks[:, None, :], far)[:, 0]
        told = np.concatenate((most, average), axis=1) @ self._weights["out"][head]
        logits: Floats = told + self._biases[head]
        return logits

    def _seen_around(self, vectors: Floats, name: str, distance: int) -> Floats:
        """Of each piece: what it, the one before and the one after at this distance say together."""
        texts, pieces, width = vectors.shape
        framed = np.zeros((texts, pieces + 2 * distance, width), dtype=np.float32)
        framed[:, distance:-distance] = vectors
        around = np.concatenate(
            [framed[:, step * distance : step * distance + pieces] for step in range(3)], axis=2
        )
        told = around.reshape(-1, 3 * width) @ self._weights[name] + self._weights[f"{name}_bias"]
        seen: Floats = np.maximum(told, 0).reshape(texts, pieces, -1)
        return seen
