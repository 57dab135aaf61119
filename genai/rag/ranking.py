"""Orders the passages that the two searches found."""

from collections.abc import Sequence
from dataclasses import dataclass

from genai.messages import Passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with how well it fits the query.

    ``cosine`` compares the whole passage, ``best_unit`` its most similar sentence, item or row, and
    ``bm25`` is the score of the full-text search: 0 when that did not find the passage.
    """

    passage: Passage
    cosine: float
    best_unit: float
    bm25: float


def fuse(candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Best first, each with a score between 0 and 1.

    Full-text scores have no upper bound, so they count in relation to the best one of the query.
    """
    top = max((candidate.bm25 for candidate in candidates), default=0.0) or 1.0
    scored = [(_score(candidate, candidate.bm25 / top), candidate) for candidate in candidates]
    return sorted(scored, key=lambda pair: pair[0], reverse=True)


def _score(candidate: Candidate, lexical: float) -> float:
    semantic = (1 - UNIT_WEIGHT) * candidate.cosine + UNIT_WEIGHT * candidate.best_unit
    score = (1 - LEXICAL_WEIGHT) * semantic + LEXICAL_WEIGHT * lexical
    return min(1.0, max(0.0, score))


UNIT_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.3
