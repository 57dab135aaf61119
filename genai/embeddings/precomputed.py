"""Precomputed vectors from a file: the model embeds only texts that are not in it.

The file is a numpy archive of ``hashes`` (n, 16 bytes) and ``vectors`` (n, dimensions; float16). It belongs
to the model ``name`` stored in it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from genai.base.embedder import BaseEmbedder

Vectors = Mapping[bytes, list[float]]


class PrecomputedEmbedder(BaseEmbedder):
    """Texts that a file knows cost nothing. The vectors are exact to three digits."""

    def __init__(self, inner: BaseEmbedder, vectors: Vectors) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        self._vectors = vectors

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        missing = [text for text in texts if _hash(text) not in self._vectors]
        made = await self._inner.async_embed(missing) if missing else []
        fresh = dict(zip(missing, made, strict=True))
        return [fresh[text] if text in fresh else self._vectors[_hash(text)] for text in texts]


class RecordingEmbedder(BaseEmbedder):
    """Keeps every vector that its inner embedder makes, to be saved."""

    def __init__(self, inner: BaseEmbedder) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        self._made: dict[bytes, list[float]] = {}

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors = await self._inner.async_embed(texts)
        self._made.update(zip(map(_hash, texts), vectors, strict=True))
        return vectors

    def save(self, path: Path) -> None:
        """Write the file that `load_vectors` reads; the same texts give the same bytes."""
        hashes = sorted(self._made)
        np.savez(
            path,
            name=np.array(self.name),
            hashes=np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(-1, 16),
            vectors=np.array([self._made[h] for h in hashes], dtype=np.float16),
        )


def load_vectors(path: Path, name: str) -> Vectors:
    """The vectors in a file; none when there is no file, or it is of another model."""
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as archive:
        if str(archive["name"]) != name:
            return {}
        hashes, vectors = archive["hashes"], archive["vectors"].astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return {h.tobytes(): v.tolist() for h, v in zip(hashes, vectors / lengths, strict=True)}


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]
