"""The classifier of slipped-in instructions that comes with the project: a small network.

    words ──▶ pieces ──▶ vectors ──▶ what stands around each, near and far ──▶ the most telling ──▶ score

The vectors are those with which a sentence model begins, so that words of like meaning are neighbours;
no such model runs. `jobs.train_injection` makes the file, `jobs.train_questions` those of the networks
that are asked about questions, `benchmarks/safety/README.md` says how good they are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifier import Classifier
from genai.safety.pieces import Pieces

SHIPPED = Path(__file__).with_name("injection_model.npz")
FOR_DATA = Path(__file__).with_name("injection_data_model.npz")
"""Of the same make, from more examples of orders to machines; `orders.classifier` asks it about data."""

FOR_QUESTIONS = {
    SHIPPED: Path(__file__).with_name("injection_question_model.npz"),
    FOR_DATA: Path(__file__).with_name("injection_question_data_model.npz"),
}
"""For each network the one that learnt from it, with its vectors, how customers and attackers talk."""

MOST_PIECES = 110
"""Of a window; text that no vocabulary knows may have more, and they do not count."""

GAPS = {"far": 2, "farther": 4}
"""How far off the neighbours are at which a layer looks; a file may lack the last layer."""
_BATCH = 32
_LEAST = 60
REMEMBERED = 4096
"""Pieces, more than a batch can have."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class NetworkClassifier(Classifier):
    """Loads the weights when constructed: two megabytes. One ``beside`` another of the same vocabulary
    shares its memory of words, and its vectors where the file has none. A file for questions alone has no
    score of data.
    """

    waits = False

    def __init__(self, path: Path = SHIPPED, *, beside: "NetworkClassifier | None" = None) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._weights = {
                name: file[name].astype(np.float32) for name in ("near", "near_bias", "look", "out")
            }
            self._layers = [
                (file[name].astype(np.float32), file[f"{name}_bias"].astype(np.float32), gap)
                for name, gap in GAPS.items()
                if name in file
            ]
            self._biases = file["biases"] - file["thresholds"]
            if beside and "vectors" not in file:
                self._pieces: Pieces = beside._pieces
                self._vectors: tuple[NDArray[np.int8], Floats] = beside._vectors
            else:
                vocabulary = file["vocabulary"].tobytes().decode().split("\n")
                self._pieces = beside.pieces_of(vocabulary) if beside else Pieces(vocabulary)
                self._vectors = (file["vectors"], file["scale"].astype(np.float32))
        self._said = SaidNear(*self._vectors, self._weights["near"])

    def pieces_of(self, vocabulary: Sequence[str]) -> Pieces:
        """Its own. Raises `ValueError` where they are others."""
        if not self._pieces.are(vocabulary):
            raise ValueError("networks beside each other need the same vocabulary")
        return self._pieces

    async def async_score(self, texts: Sequence[str], *, data: bool) -> list[float]:
        return [float(score) for score in self.scores(texts, data=data)]

    def scores(self, texts: Sequence[str], *, data: bool) -> Floats:
        """0 to 1 for each text."""
        return likely(self.logits(texts, data=data))

    def logits(self, texts: Sequence[str], *, data: bool) -> Floats:
        """Above 0 for each text that would raise an alarm; the least there is for one without words."""
        head = int(data)
        found = np.full(len(texts), -np.inf, dtype=np.float32)
        rows = [self._pieces.rows(text)[:MOST_PIECES] for text in texts]
        asked = [i for i, row in enumerate(rows) if row]
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            seen = self._seen([rows[i] for i in batch], head)
            logits = seen @ self._weights["out"][head] + self._biases[head]
            found[batch] = np.clip(logits, -_LEAST, _LEAST)
        return found

    def _seen(self, rows: Sequence[list[int]], head: int) -> Floats:
        """All texts lie one behind the other; none is empty."""
        lengths = np.array([len(row) for row in rows])
        first = np.cumsum(lengths) - lengths
        far = self._seen_near(np.concatenate(rows), first, lengths)
        for weights, bias, gap in self._layers:
            told = _around(far, first, lengths, gap) @ weights + bias
            far = np.maximum(told, 0, out=told) + far
        looks = far @ self._weights["look"][head]
        looks = np.exp(looks - np.repeat(np.maximum.reduceat(looks, first), lengths))
        looks /= np.repeat(np.add.reduceat(looks, first), lengths)
        most = np.maximum.reduceat(far, first)
        average = np.add.reduceat(far * looks[:, None], first)
        seen: Floats = np.concatenate((most, average), axis=1)
        return seen

    def _seen_near(self, rows: Integers, first: Integers, lengths: Integers) -> Floats:
        """Of each piece: what it and its neighbours say together."""
        said = self._said.of(rows)
        said[first, 2] = 0
        said[first + lengths - 1, 0] = 0
        told = said[:, 1] + self._weights["near_bias"]
        told[1:] += said[:-1, 0]
        told[:-1] += said[1:, 2]
        seen: Floats = np.maximum(told, 0, out=told)
        return seen


def _around(seen: Floats, first: Integers, lengths: Integers, gap: int) -> Floats:
    """Of each piece: the one so far before, itself, and the one so far after, side by side."""
    pieces, width = seen.shape
    around = np.zeros((pieces, 3, width), dtype=np.float32)
    around[:, 1] = seen
    around[gap:, 0] = seen[:-gap]
    around[:-gap, 2] = seen[gap:]
    last = first + lengths - 1
    for step in range(gap):  # those whose neighbour is in another text, or nowhere
        around[np.minimum(first + step, last), 0] = 0
        around[np.maximum(last - step, first), 2] = 0
    return around.reshape(pieces, -1)


def likely(logits: Floats) -> Floats:
    """0 to 1 for each."""
    found: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return found


class SaidNear:
    """What each piece says to the next one, to itself and to the one before.

    It depends on the piece alone, and is remembered from when it is first asked for: most texts are
    made of few pieces. Of `REMEMBERED` pieces, then all are forgotten.
    """

    def __init__(self, vectors: NDArray[np.int8], scale: Floats, weights: Floats) -> None:
        self._vectors = vectors
        self._scale = scale
        self._weights = np.concatenate(np.split(weights, 3), axis=1)
        self._said = np.empty((REMEMBERED, 3, weights.shape[1]), dtype=np.float32)
        self._place = np.full(len(vectors), -1)
        self._count = 0

    def of(self, rows: Integers) -> Floats:
        new = np.unique(rows[self._place[rows] < 0])
        if new.size:
            self._remember(new if self._count + new.size <= REMEMBERED else self._forget(rows))
        said: Floats = self._said[self._place[rows]]
        return said

    def _remember(self, new: Integers) -> None:
        places = np.arange(self._count, self._count + new.size)
        vectors = self._vectors[new] * self._scale
        self._said[places] = (vectors @ self._weights).reshape(len(new), 3, -1)
        self._place[new] = places
        self._count += new.size

    def _forget(self, rows: Integers) -> Integers:
        self._place[:] = -1
        self._count = 0
        asked: Integers = np.unique(rows)
        return asked
