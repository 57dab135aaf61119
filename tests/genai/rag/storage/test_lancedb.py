"""What is LanceDB's own: an index of vectors over many passages, and files."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lancedb")

from genai.rag.permissions import Reader, Readers, scopes_for, scopes_of
from genai.rag.storage.lancedb import LanceDBTable
from genai.rag.storage.remains import Remains
from genai.rag.storage.sweeper import Sweeper
from genai.rag.storage.table import Change, PassageRow

DIMENSIONS = 8


SECRETS = ("qzxwvjkpersonal", "emasownid", "ymoldtitle")
KEPT_S = 0.5


def rows(tenant: str, vectors: np.ndarray, readers: Readers | None = None) -> list[PassageRow]:
    return [
        PassageRow(
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


def personal() -> PassageRow:
    secret, document_id, title = SECRETS
    [row] = rows("acme", around(3, 1))
    texts = {"document_id": document_id, "title": title, "searchable": f"{secret} words"}
    return replace(row, **texts, passage=f"The {secret} text.", content="ema")


def remaining(folder: Path) -> set[str]:
    """Which of the secrets any file holds."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in SECRETS if any(secret.encode() in file for file in files)}


async def with_personal_data(folder: Path, others: int) -> LanceDBTable:
    """In the middle of a file with what others wrote, and in the indices."""
    remains = Remains(folder, collected_s=0.0, kept_s=KEPT_S)
    table = LanceDBTable(folder, DIMENSIONS, kept_versions=5, remains=remains)
    written = rows("acme", around(0, others))
    await table.async_commit("acme", Change([*written[::2], personal(), *written[1::2]]))
    await (await table._table()).optimize()
    assert remaining(folder) == set(SECRETS)
    return table


@pytest.mark.parametrize("others", [0, 1, 300, 4_100])
async def test_what_was_deleted_leaves_the_disk_though_nobody_writes_any_more(
    tmp_path: Path, others: int
) -> None:
    table = await with_personal_data(tmp_path, others)
    assert await table.async_purge("acme", SECRETS[1])
    assert remaining(tmp_path)

    await table.async_sweep()
    await asyncio.sleep(KEPT_S)
    await table.async_sweep()

    assert remaining(tmp_path) == set()
    assert not Remains(tmp_path).any()
    assert len(await table.async_documents("acme")) == others
    near = same(around(0, 1)[0].astype(np.float32))
    found = await table.async_search(scopes_for(Reader(tenant="acme")), "words", near)
    assert len({row.passage for row in found}) >= min(others, 30)
    indexed = await (await table._table()).index_stats("searchable_idx")
    assert (indexed.num_indexed_rows, indexed.num_unindexed_rows) == (others, 0)


async def test_another_process_sweeps_what_one_that_died_had_deleted(tmp_path: Path) -> None:
    await (await with_personal_data(tmp_path, 20)).async_purge("acme", SECRETS[1])
    remains = Remains(tmp_path, collected_s=0.0, kept_s=KEPT_S)
    sweeper = Sweeper(
        LanceDBTable(tmp_path, DIMENSIONS, kept_versions=5, remains=remains), every_s=0.05
    )

    sweeper.start()
    async with asyncio.timeout(10):
        while remains.any():  # noqa: ASYNC110  nobody tells when the files are gone
            await asyncio.sleep(0.05)
    await sweeper.async_close()

    assert remaining(tmp_path) == set()


async def test_who_reads_while_all_is_written_anew_reads_on(tmp_path: Path) -> None:
    table = await with_personal_data(tmp_path, 20)
    reading = await table._newest()
    await table.async_purge("acme", SECRETS[1])

    await table.async_sweep()

    assert await reading.count_rows() == 21
    assert len(await reading.query().to_list()) == 21


async def test_a_store_from_which_nothing_was_deleted_is_not_written(tmp_path: Path) -> None:
    table = await with_personal_data(tmp_path, 20)
    before = await (await table._table()).version()

    await table.async_sweep()

    assert await (await table._table()).version() == before


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


async def test_deleting_what_was_never_there_writes_nothing(tmp_path: Path) -> None:
    table = await with_personal_data(tmp_path, 20)
    before = files(tmp_path)

    for tenant, document_id in (("acme", "absent"), ("rival", SECRETS[1])):
        assert not await table.async_purge(tenant, document_id)

    after = files(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} <= {
        str(tmp_path / "write.lock")
    }
    assert not Remains(tmp_path).any()


async def test_what_is_only_in_former_versions_leaves_the_disk_too(tmp_path: Path) -> None:
    table = await with_personal_data(tmp_path, 20)
    await table.async_commit("acme", Change(rows("new", around(1, 1)), frozenset({SECRETS[1]})))
    assert SECRETS[1] not in {document.id for document in await table.async_documents("acme")}

    assert not await table.async_purge("acme", SECRETS[1])
    await table.async_sweep()
    await asyncio.sleep(KEPT_S)
    await table.async_sweep()

    assert remaining(tmp_path) == set()
