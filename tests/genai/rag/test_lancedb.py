"""What is LanceDB's own: an index of vectors over many passages."""

from collections.abc import Awaitable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lancedb")

from genai.rag.lancedb import LanceDBTable
from genai.rag.permissions import Reader, Readers, scopes_for, scopes_of
from genai.rag.table import Change, Row

DIMENSIONS = 8


def rows(tenant: str, vectors: np.ndarray, readers: Readers | None = None) -> list[Row]:
    return [
        Row(
            document_id=f"{tenant}-{number}",
            title="",
            source="",
            readers="{}",
            fingerprint="",
            number=0,
            way=0,
            passages=1,
            content=f"{number}",
            scopes=scopes_of(tenant, readers or Readers()),
            searchable="words",
            passage=f"{tenant}-{number}",
            vector=vector,
            vectors=b"",
        )
        for number, vector in enumerate(vectors.astype(np.float32))
    ]


def around(center: int, count: int) -> np.ndarray:
    noise = np.random.default_rng(center).normal(size=(count, DIMENSIONS)) * 0.1
    vectors = np.eye(DIMENSIONS)[center] + noise
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


async def same(vector: np.ndarray) -> np.ndarray:
    return vector


async def test_who_may_read_little_finds_it_however_near_the_passages_of_others_are(
    tmp_path: Path,
) -> None:
    table = LanceDBTable(tmp_path, DIMENSIONS, kept_versions=1)
    many = np.concatenate([around(center, 900) for center in range(6)])
    await table.async_commit("acme", Change(rows("acme", many)))
    await table.async_commit("rival", Change(rows("rival", around(7, 3))))
    await table.async_commit("acme", Change(rows("acme2", around(6, 2), Readers(users=("ann",)))))
    asked: Awaitable[np.ndarray] = same(around(0, 1)[0].astype(np.float32))

    found = await table.async_search(scopes_for(Reader(tenant="rival")), "nothing", asked)

    assert sorted(row.passage for row in found) == ["rival-0", "rival-1", "rival-2"]


async def test_a_bulk_of_passages_gets_an_index_of_their_vectors(tmp_path: Path) -> None:
    table = LanceDBTable(tmp_path, DIMENSIONS, kept_versions=1)

    await table.async_commit("acme", Change(rows("acme", around(0, 4_100))))

    assert await (await table._table()).index_stats("vector_idx") is not None
    own = scopes_for(Reader(tenant="acme"))
    found = await table.async_search(own, "nothing", same(around(0, 1)[0].astype(np.float32)))
    assert len(found) == 30
