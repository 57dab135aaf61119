"""The second reader: a linear model of which words call for which parts of a query.

It writes no SQL. It finds parts of a query that no word calls for, and words whose part is missing. Such
queries need more agreeing replies.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genai.analyst.reading.features import ngrams, query_features

CALLED_FOR: Final = 0.6
"""Minimum weight by which a word accounts for a part of the query."""

RARE: Final = -1.5
"""Parts with a higher bias are so common that no word needs to account for them."""

HARDLY: Final = -7.0
"""Log-odds below which a part contradicts the question."""

SURELY: Final = 2.5
"""Log-odds above which a part is required."""

MEANS: Final = 1.4
"""Weight above which a word means a condition."""

LACKS: Final = 1.7
"""Weight above which a word means something that the database lacks."""

SHOWS: Final = 0.5
LIMITS: Final = re.compile(r"\w\.\w+ (?:[<>=]|time|LIKE|BETWEEN)|(?:NOT )?EXISTS |a name")
"""Parts that restrict the rows."""

BEST: Final = re.compile(r"\b\w{3,}est\b|(?<=\bmost )(?<!\bat most )(?!of\b)[a-z]\w+")
"""Superlatives, such as *wealthiest* or *most frequent*."""

Floats = NDArray[np.float32]


class SecondReader:
    """``weights`` has a row for each n-gram and a column for each query feature."""

    def __init__(
        self, known: tuple[str, ...], parts: tuple[str, ...], weights: Floats, bias: Floats
    ) -> None:
        self._rows = {gram: row for row, gram in enumerate(known)}
        self._columns = {act: column for column, act in enumerate(parts)}
        self._weights = weights
        self._bias = bias

    def knows(self, word: str) -> bool:
        """Whether the word occurred in training."""
        return word in self._rows

    def puzzles(self, question: str) -> bool:
        """Whether it has a superlative that did not occur in training."""
        return any(not self.knows(word) for word in BEST.findall(question.lower()))

    def misses(self, word: str, sql: str) -> bool:
        """Whether the word means a condition, and the query has none that it could mean."""
        limits = [act for act in self._columns if LIMITS.match(act)]
        done = [act for act in query_features(sql) if LIMITS.match(act)]
        return self._weight(word, limits) >= MEANS and self._weight(word, done) < SHOWS

    def lacks(self, word: str, sql: str, absent: re.Pattern[str]) -> bool:
        """Whether the word means something ``absent`` from the database, and nothing in the query."""
        declined = [act for act in self._columns if absent.search(act)]
        return (
            self._weight(word, declined) >= LACKS
            and self._weight(word, query_features(sql)) < SHOWS
        )

    def accounts_for(self, word: str, sql: str, absent: re.Pattern[str]) -> bool:
        """Whether the word calls for a part of the query, rather than for something ``absent``."""
        declined = [act for act in self._columns if absent.search(act)]
        least = max(SHOWS, self._weight(word, declined))
        return self._weight(word, query_features(sql)) >= least

    def _weight(self, word: str, parts: Iterable[str]) -> float:
        """The highest weight of the word for any of the parts."""
        row = self._rows.get(word)
        columns = [self._columns[part] for part in parts if part in self._columns]
        return float(self._weights[row, columns].max()) if row is not None and columns else 0.0

    def doubts(self, question: str, sql: str) -> bool:
        rows = [self._rows[gram] for gram in ngrams(question) if gram in self._rows]
        if not rows:
            return True
        given = self._weights[rows].astype(np.float32)
        likely, most = self._bias + given.sum(axis=0), given.max(axis=0)
        done = query_features(sql)
        if any(act not in self._columns and "=" in act for act in done):
            return True
        columns = np.array([self._columns[act] for act in done if act in self._columns], dtype=int)
        others = np.ones(len(likely), dtype=bool)
        others[columns] = False
        rare = columns[self._bias[columns] < RARE]
        return bool(
            (most[rare] < CALLED_FOR).any()
            or (likely[columns] < HARDLY).any()
            or (likely[others] > SURELY).any()
        )


def read_reader(path: Path) -> SecondReader:
    """Reads a file of `write_reader`."""
    with np.load(path) as stored:
        return SecondReader(
            tuple(str(name) for name in stored["grams"]),
            tuple(str(name) for name in stored["acts"]),
            stored["weights"],
            stored["bias"],
        )


def write_reader(
    path: Path, known: list[str], parts: list[str], weights: Floats, bias: Floats
) -> None:
    """Stores half precision and drops small weights, to keep the file small."""
    kept = np.where(np.abs(weights) < 0.1, 0, weights).astype(np.float16)
    np.savez_compressed(
        path,
        grams=np.array(known),
        acts=np.array(parts),
        weights=kept,
        bias=bias.astype(np.float32),
    )
