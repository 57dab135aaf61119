"""Latency and tenant isolation of search over many passages of many tenants.

    python -m benchmarks.scale --passages 1000000 --queries 1000
    python -m benchmarks.scale --passages 20000 --queries 10000

Fills a LanceDB store in a temporary folder (or in --store, which is kept and reused) with generated
passages. Their vectors are clustered and their words follow Zipf's law. Each document belongs to a
tenant, some to groups or users only. Then readers with different rights search, one after the other,
for words and vectors near those of a passage. Embedding is not included.

Exits with 1 if a reader finds a passage that it may not see.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil

from benchmarks.stats import percentile
from genai.base.embedder import BaseEmbedder
from genai.embeddings.cached import CachedEmbedder
from genai.messages import Passage
from genai.rag.passages.vectors import pack
from genai.rag.permissions import Reader, Readers, may_read, scopes_of
from genai.rag.storage.index import DocumentIndex
from genai.rag.storage.lancedb import LanceDBTable
from genai.rag.storage.table import Change, PassageRow

DIMENSIONS = 384
CLUSTERS = 2_000
WORDS = 30_000
TENANTS = 8
GROUPS = ("finance", "legal", "people", "board")
PER_DOCUMENT = 20
PER_COMMIT = 150_000
PER_PASSAGE = 3
"""Vectors per passage: of its text, its heading and one sentence."""


class FixedEmbedder(BaseEmbedder):
    """An embedder that knows the vectors of the queries."""

    name = "given"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.vectors: dict[str, list[float]] = {}

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.vectors[text] for text in texts]


class World:
    """The generated data, the same in each run."""

    def __init__(self, passages: int) -> None:
        self.passages = passages
        self.documents = passages // PER_DOCUMENT
        self._numbers = np.random.default_rng(7)
        self._centers = _unit(self._numbers.normal(size=(CLUSTERS, DIMENSIONS)))
        self._words = [f"w{number:x}" for number in range(WORDS)]

    def tenant(self, document: int) -> str:
        return f"tenant-{int(TENANTS * (document * 0.6180339887 % 1.0))}"

    def readers(self, document: int) -> Readers:
        group = GROUPS[document % len(GROUPS)]
        if document % 5 == 0:
            return Readers(groups=(group,))
        return Readers(users=(f"user-{document % 50}",)) if document % 7 == 0 else Readers()

    def near(self, document: int) -> np.ndarray:
        """A random vector in the document's cluster."""
        noise = self._numbers.normal(size=(1, DIMENSIONS)) * 0.03
        vector: np.ndarray = _unit(self._centers[document % CLUSTERS] + noise)[0]
        return vector.astype(np.float32)

    def text(self, count: int) -> str:
        ranks = np.minimum(self._numbers.zipf(1.3, size=count), WORDS) - 1
        return " ".join(self._words[rank] for rank in ranks)

    def rows(self, documents: Sequence[int]) -> Iterator[PassageRow]:
        for document in documents:
            tenant, readers = self.tenant(document), self.readers(document)
            scopes, name = scopes_of(tenant, readers), f"doc-{document}"
            for number in range(PER_DOCUMENT):
                text, vector = self.text(40), self.near(document)
                passage = Passage(document_id=name, title=name, text=text, start=number)
                yield PassageRow(
                    document_id=name,
                    title=name,
                    source="",
                    readers=readers.model_dump_json(),
                    fingerprint=name,
                    number=number,
                    way=0,
                    passages=0 if number else PER_DOCUMENT,
                    content=f"{document}-{number}",
                    scopes=scopes,
                    searchable=text,
                    passage=passage.model_dump_json(),
                    vector=vector,
                    vectors=pack([vector] * PER_PASSAGE),
                )


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


async def fill(table: LanceDBTable, world: World) -> None:
    by_tenant: dict[str, list[int]] = {}
    for document in range(world.documents):
        by_tenant.setdefault(world.tenant(document), []).append(document)
    step, done = PER_COMMIT // PER_DOCUMENT, 0
    for tenant, documents in sorted(by_tenant.items()):
        for start in range(0, len(documents), step):
            part = documents[start : start + step]
            rows = list(world.rows(part))
            await table.async_commit(tenant, Change(rows))
            done += len(rows)
            print(f"{done} of {world.passages}", file=sys.stderr, flush=True)


async def search(table: LanceDBTable, world: World, queries: int) -> dict[str, float]:
    embedder = FixedEmbedder()
    index = DocumentIndex(table, CachedEmbedder(embedder, capacity=1), chunk_tokens=200)
    rng = random.Random(11)
    milliseconds: list[float] = []
    found = foreign = 0
    began_cpu = time.process_time()
    for number in range(queries):
        document = rng.randrange(world.documents)
        reader = Reader(
            tenant=world.tenant(rng.randrange(world.documents)),
            user=f"user-{rng.randrange(50)}",
            groups=tuple(rng.sample(GROUPS, rng.randrange(3))),
        )
        query = f"{world.text(8)} q{number}"
        embedder.vectors = {query: world.near(document).tolist()}
        began = time.perf_counter()
        passages = await index.async_retrieve(reader, query, limit=20)
        milliseconds.append((time.perf_counter() - began) * 1000)
        found += len(passages)
        foreign += sum(not _may_see(world, reader, passage) for passage in passages)
    cpu = time.process_time() - began_cpu
    warm = milliseconds[len(milliseconds) // 20 :]
    return {
        "queries": queries,
        "cpu_ms_per_search": round(1000 * cpu / queries, 1),
        "passages_found": found,
        "foreign_passages": foreign,
        "p50_ms": round(percentile(warm, 0.5), 1),
        "p95_ms": round(percentile(warm, 0.95), 1),
        "p99_ms": round(percentile(warm, 0.99), 1),
    }


def _may_see(world: World, reader: Reader, passage: Passage) -> bool:
    document = int(passage.document_id.removeprefix("doc-"))
    return world.tenant(document) == reader.tenant and may_read(reader, world.readers(document))


def size_of(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


async def measure(place: Path, passages: int, queries: int) -> dict[str, float]:
    world = World(passages)
    table = LanceDBTable(place, DIMENSIONS, kept_versions=5)
    began = time.perf_counter()
    if not await table.async_versions("tenant-0"):
        await fill(table, world)
    filled = time.perf_counter() - began
    disk = await asyncio.to_thread(size_of, place)
    results = await search(LanceDBTable(place, DIMENSIONS, kept_versions=5), world, queries)
    return {
        "passages": passages,
        "fill_s": round(filled),
        "disk_mb": round(disk / 1e6),
        "memory_mb": round(psutil.Process().memory_info().rss / 1e6),
        **results,
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--store", type=Path, help="keep the store here and use it again")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        place = args.store or Path(temporary)
        results = asyncio.run(measure(place, args.passages, args.queries))
    print(json.dumps(results, indent=2))
    return 1 if results["foreign_passages"] else 0


if __name__ == "__main__":
    sys.exit(main())
