"""The vectors stored with a passage: of its text, heading, units and hints."""

from collections.abc import Sequence

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.embeddings.cached import CachedEmbedder
from genai.messages import Passage
from genai.rag.passages.chunking import heading, searchable
from genai.rag.passages.units import split_units

_TEXTS_PER_CALL = 16
"""Texts per call. Limits the time of a call to an embedder in another process, because questions wait
for it.
"""


def embedded_texts(passage: Passage) -> list[str]:
    """The texts to embed for a passage, in the order of its vectors."""
    units = (unit.embedded for unit in split_units(passage))
    return [searchable(passage), heading(passage), *units, *passage.asked, *passage.unanswered]


def finder(passage: Passage, matrix: np.ndarray) -> list[float]:
    """The search vector of a passage: its text plus the mean of the questions that it answers,
    normalised.
    """
    end = len(matrix) - len(passage.unanswered)
    asked = matrix[end - len(passage.asked) : end]
    found = matrix[0] + asked.mean(axis=0) if len(asked) else matrix[0]
    nearest: list[float] = (found / np.linalg.norm(found)).tolist()
    return nearest


async def embed_passages(
    embedder: BaseEmbedder, passages: Sequence[Passage]
) -> list[list[list[float]]]:
    """The vectors of each passage."""
    texts = [embedded_texts(passage) for passage in passages]
    different = list(dict.fromkeys(text for part in texts for text in part))
    embedded: dict[str, list[float]] = {}
    for start in range(0, len(different), _TEXTS_PER_CALL):
        some = different[start : start + _TEXTS_PER_CALL]
        embedded.update(zip(some, await embedder.async_embed(some), strict=True))
    return [[embedded[text] for text in part] for part in texts]


def pack(vectors: Sequence[Sequence[float]]) -> bytes:
    """Half precision suffices for ranking, and halves the disk space."""
    return np.asarray(vectors, dtype=np.float16).tobytes()


def unpack(packed: bytes, dimensions: int) -> np.ndarray:
    return np.frombuffer(packed, dtype=np.float16).astype(np.float32).reshape(-1, dimensions)


def recall(embedder: CachedEmbedder, passage: Passage, vectors: np.ndarray) -> None:
    """Adds the vectors of a passage to the cache, so that its texts are not embedded again."""
    embedder.remember(zip(embedded_texts(passage), vectors, strict=False))
