"""A small convolutional network that classifies prompt injection, in numpy only.

    words ──▶ pieces ──▶ vectors ──▶ convolutions ──▶ maximum and attention-weighted mean ──▶ score

The vectors are the input embeddings of a sentence model, so words of similar meaning have similar vectors.
`jobs.train_injection` trains the network, `jobs.train_questions` those for questions;
`benchmarks/safety/README.md` has their quality.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifiers.classifier import Classifier
from genai.safety.classifiers.word_pieces import Pieces

SHIPPED = Path(__file__).with_name("model.npz")
FOR_DATA = Path(__file__).with_name("data_model.npz")
"""Trained on more examples of orders to machines; used for data by `orders.classifier`."""

FOR_QUESTIONS = {
    SHIPPED: Path(__file__).with_name("question_model.npz"),
    FOR_DATA: Path(__file__).with_name("question_data_model.npz"),
}
"""The networks for questions, by the network that each was initialised from and shares vectors with."""

MOST_PIECES = 110
"""Maximum pieces of a window; further ones are ignored."""

DILATIONS = {"far": 2, "farther": 4}
"""The dilation of each convolution after the first; a file may lack the last layer."""
_BATCH = 32
_MAX_LOGIT = 60
CACHED_PIECES = 4096
"""More than a batch can have."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class NetworkClassifier(Classifier):
    """The constructor loads the weights: two megabytes.

    ``shared`` is a network with the same vocabulary, whose tokenizer is shared, and whose vectors are used if
    the file has none. Files for questions only have no score for data.
    """

    waits = False

    def __init__(self, path: Path = SHIPPED, *, shared: "NetworkClassifier | None" = None) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._weights = {
                name: file[name].astype(np.float32) for name in ("near", "near_bias", "look", "out")
            }
            self._layers = [
                (file[name].astype(np.float32), file[f"{name}_bias"].astype(np.float32), gap)
                for name, gap in DILATIONS.items()
                if name in file
            ]
            self._biases = file["biases"] - file["thresholds"]
            if shared and "vectors" not in file:
                self._pieces: Pieces = shared._pieces
                self._vectors: tuple[NDArray[np.int8], Floats] = shared._vectors
            else:
                vocabulary = file["vocabulary"].tobytes().decode().split("\n")
                self._pieces = shared.pieces_of(vocabulary) if shared else Pieces(vocabulary)
                self._vectors = (file["vectors"], file["scale"].astype(np.float32))
        self._first_layer = FirstLayer(*self._vectors, self._weights["near"])

    def pieces_of(self, vocabulary: Sequence[str]) -> Pieces:
        """The tokenizer of this network. Raises `ValueError` for another vocabulary."""
        if not self._pieces.are(vocabulary):
            raise ValueError("networks that share a tokenizer need the same vocabulary")
        return self._pieces

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        return [float(score) for score in self.scores(texts, data=data)]

    def scores(self, texts: Sequence[str], *, data: bool) -> Floats:
        """0 to 1 for each text."""
        return sigmoid(self.logits(texts, data=data))

    def logits(self, texts: Sequence[str], *, data: bool) -> Floats:
        """The logit of each text, relative to the threshold; the minimum for texts without words."""
        head = int(data)
        found = np.full(len(texts), -np.inf, dtype=np.float32)
        rows = [self._pieces.rows(text)[:MOST_PIECES] for text in texts]
        nonempty = [i for i, row in enumerate(rows) if row]
        for start in range(0, len(nonempty), _BATCH):
            batch = nonempty[start : start + _BATCH]
            pooled = self._pooled([rows[i] for i in batch], head)
            logits = pooled @ self._weights["out"][head] + self._biases[head]
            found[batch] = np.clip(logits, -_MAX_LOGIT, _MAX_LOGIT)
        return found

    def _pooled(self, rows: Sequence[list[int]], head: int) -> Floats:
        """The pooled features of each text. The texts are concatenated; none is empty."""
        lengths = np.array([len(row) for row in rows])
        first = np.cumsum(lengths) - lengths
        features = self._convolved(np.concatenate(rows), first, lengths)
        for weights, bias, dilation in self._layers:
            activation = _with_neighbours(features, first, lengths, dilation) @ weights + bias
            features = np.maximum(activation, 0, out=activation) + features
        attention = features @ self._weights["look"][head]
        attention = np.exp(attention - np.repeat(np.maximum.reduceat(attention, first), lengths))
        attention /= np.repeat(np.add.reduceat(attention, first), lengths)
        maximum = np.maximum.reduceat(features, first)
        average = np.add.reduceat(features * attention[:, None], first)
        pooled: Floats = np.concatenate((maximum, average), axis=1)
        return pooled

    def _convolved(self, rows: Integers, first: Integers, lengths: Integers) -> Floats:
        """The output of the first convolution for each piece."""
        products = self._first_layer.products(rows)
        products[first, 2] = 0
        products[first + lengths - 1, 0] = 0
        activation = products[:, 1] + self._weights["near_bias"]
        activation[1:] += products[:-1, 0]
        activation[:-1] += products[1:, 2]
        features: Floats = np.maximum(activation, 0, out=activation)
        return features


def _with_neighbours(features: Floats, first: Integers, lengths: Integers, dilation: int) -> Floats:
    """The concatenated features of each piece and of its neighbours at this distance; zeros for none."""
    pieces, width = features.shape
    around = np.zeros((pieces, 3, width), dtype=np.float32)
    around[:, 1] = features
    around[dilation:, 0] = features[:-dilation]
    around[:-dilation, 2] = features[dilation:]
    last = first + lengths - 1
    for step in range(dilation):  # the neighbour is in another text
        around[np.minimum(first + step, last), 0] = 0
        around[np.maximum(last - step, first), 2] = 0
    return around.reshape(pieces, -1)


def sigmoid(logits: Floats) -> Floats:
    found: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return found


class FirstLayer:
    """The products of a piece's vector with the three kernel positions of the first convolution: for the next
    piece, the piece itself and the previous one.

    They depend on the piece only, so they are cached, because most texts consist of few pieces. The cache is
    cleared when it exceeds `CACHED_PIECES`.
    """

    def __init__(self, vectors: NDArray[np.int8], scale: Floats, weights: Floats) -> None:
        self._vectors = vectors
        self._scale = scale
        self._weights = np.concatenate(np.split(weights, 3), axis=1)
        self._products = np.empty((CACHED_PIECES, 3, weights.shape[1]), dtype=np.float32)
        self._slots = np.full(len(vectors), -1)
        self._count = 0

    def products(self, rows: Integers) -> Floats:
        new = np.unique(rows[self._slots[rows] < 0])
        if new.size:
            self._cache(new if self._count + new.size <= CACHED_PIECES else self._clear(rows))
        products: Floats = self._products[self._slots[rows]]
        return products

    def _cache(self, new: Integers) -> None:
        slots = np.arange(self._count, self._count + new.size)
        vectors = self._vectors[new] * self._scale
        self._products[slots] = (vectors @ self._weights).reshape(len(new), 3, -1)
        self._slots[new] = slots
        self._count += new.size

    def _clear(self, rows: Integers) -> Integers:
        self._slots[:] = -1
        self._count = 0
        needed: Integers = np.unique(rows)
        return needed
