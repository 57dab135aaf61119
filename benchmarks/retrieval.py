"""Measures the quality and latency of retrieval.

    python -m benchmarks.retrieval sample_bank            documents/*.md and questions.jsonl
    python -m benchmarks.retrieval FOLDER                 corpus.jsonl and queries.jsonl
    python -m benchmarks.retrieval --speed 10000          latency with that many passages

An answer is correct if one of its citations is from the document (and the section, if the question
names one) that holds the answer. Questions without an answer must be declined.

If the questions name spans of documents (``references``), passages are ranked, and a passage is
relevant if it overlaps such a span. Otherwise documents are ranked.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import lancedb
from lancedb.query import MatchQuery

from genai.base.embedder import BaseEmbedder
from genai.embeddings.cached import CachedEmbedder, cached
from genai.embeddings.minilm import MiniLMEmbedder
from genai.factory.safety_factory import build_guard
from genai.llms.extractive import ExtractiveLLM
from genai.messages import Citation, Draft, Passage, Question, RequestContext
from genai.prompts.template import load_prompt
from genai.rag.answerer import RAGAnswerer
from genai.rag.base import Document
from genai.rag.ingestion.documents import read_documents
from genai.rag.passages.chunking import chunk
from genai.rag.permissions import Reader
from genai.rag.storage.lancedb_store import LanceDBStore
from genai.safety.base import Guard
from genai.settings.documents import MiniLMSettings, RAGSettings
from genai.settings.models import ExtractiveSettings
from genai.settings.safety import SafetySettings

TENANT = "benchmark"
DEPTH = 10
CHUNK_TOKENS = RAGSettings().chunk_tokens


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A question and the place of its answer; ``documents`` is empty if there is none.

    ``ranked`` are the ids of the relevant documents, or of their relevant passages.
    """

    text: str
    documents: frozenset[str]
    ranked: frozenset[str]
    section: str = ""
    expected_text: str = ""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--store", type=Path, help="keep the store here and use it again")
    parser.add_argument("--speed", type=int, default=0, metavar="PASSAGES")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        place = args.store or Path(temporary)
        if args.speed:
            print(json.dumps(asyncio.run(measure_speed(place, args.speed)), indent=2))
        if args.folder:
            print(json.dumps(asyncio.run(measure_quality(args.folder, place)), indent=2))
    return 0


# -- quality ---------------------------------------------------------------------------------------


async def measure_quality(folder: Path, place: Path) -> dict[str, float]:
    documents, asked = read(folder)
    embedder = cached(MiniLMEmbedder(MiniLMSettings()))
    store = LanceDBStore(place, embedder, chunk_tokens=CHUNK_TOKENS)
    for start in range(0, len(documents), 50):
        await store.async_add(TENANT, documents[start : start + 50])
    answerable = [one for one in asked if one.ranked]
    words, vectors = await searches(place, embedder, answerable)
    fused = [await retrieved(store, one) for one in answerable]
    return {
        "questions": len(asked),
        "ndcg10_words": ndcg(answerable, words),
        "ndcg10_vectors": ndcg(answerable, vectors),
        "ndcg10_fused": ndcg(answerable, fused),
        "recall10_words": recall(answerable, words),
        "recall10_vectors": recall(answerable, vectors),
        "recall10_fused": recall(answerable, fused),
        **await answers(RAGAnswerer(store, embedder, *parts(embedder)), asked),
    }


def read(folder: Path) -> tuple[Sequence[Document], list[LabelledQuery]]:
    if (folder / "documents").is_dir():
        rows = lines(folder / "questions.jsonl")
        return read_documents(folder / "documents"), [
            LabelledQuery(
                row["question"],
                where := frozenset([row["document_id"]] if row.get("document_id") else []),
                where,
                row.get("section", ""),
                row.get("expected_text", ""),
            )
            for row in rows
        ]
    documents = [
        Document(id=row["id"], title=row.get("title") or row["id"], text=row["text"])
        for row in lines(folder / "corpus.jsonl")
    ]
    queries = list(lines(folder / "queries.jsonl"))
    if "references" in queries[0]:
        starts = {document.id: passages_of(document) for document in documents}
        return documents, [
            LabelledQuery(row["query"], frozenset([row["corpus_id"]]), held_by(row, starts))
            for row in queries
        ]
    return documents, [
        LabelledQuery(row["query"], where := frozenset(row["relevant"]), where) for row in queries
    ]


def passages_of(document: Document) -> list[Passage]:
    return list(chunk(document, max_tokens=CHUNK_TOKENS))


def held_by(row: dict[str, Any], passages: Mapping[str, Sequence[Passage]]) -> frozenset[str]:
    """The passages that overlap a reference."""
    return frozenset(
        passage_id(passage)
        for passage in passages[row["corpus_id"]]
        for one in row["references"]
        if passage.start < one["end_index"] and one["start_index"] < passage.end
    )


def passage_id(passage: Passage) -> str:
    return f"{passage.document_id}@{passage.start}"


def found_ids(passages: Iterable[Passage], asked: LabelledQuery) -> list[str]:
    """The ids of the ranked documents or passages, best first."""
    name = attrgetter("document_id") if asked.ranked == asked.documents else passage_id
    return list(dict.fromkeys(map(name, passages)))


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


async def searches(
    place: Path, embedder: BaseEmbedder, asked: Sequence[LabelledQuery]
) -> tuple[list[list[str]], list[list[str]]]:
    """The results of each search alone."""
    table = await (await lancedb.connect_async(str(place))).open_table("passages_5")
    words, vectors = [], []
    for one in asked:
        (vector,) = await embedder.async_embed([one.text])
        by_words = table.query().nearest_to_text(MatchQuery(one.text, "searchable"))
        near = table.query().nearest_to(vector).distance_type("dot")
        words.append(found_ids(await passages_found(by_words, "_score"), one))
        vectors.append(found_ids(await passages_found(near, "_distance"), one))
    return words, vectors


async def passages_found(search: Any, score: str) -> list[Passage]:
    found = await search.select(["passage", score]).limit(4 * DEPTH).to_list()
    return [Passage.model_validate_json(row["passage"]) for row in found]


async def retrieved(store: LanceDBStore, asked: LabelledQuery) -> list[str]:
    found = await store.async_retrieve(Reader(tenant=TENANT), asked.text, limit=4 * DEPTH)
    return found_ids(found, asked)


def ndcg(asked: Sequence[LabelledQuery], found: Sequence[Sequence[str]]) -> float:
    """At a depth of ten."""
    return round(statistics.mean(map(gain, asked, found)), 4)


def gain(asked: LabelledQuery, found: Sequence[str]) -> float:
    reached = sum(
        1 / math.log2(rank + 2) for rank, one in enumerate(found[:DEPTH]) if one in asked.ranked
    )
    return reached / sum(1 / math.log2(rank + 2) for rank in range(len(asked.ranked))[:DEPTH])


def recall(asked: Sequence[LabelledQuery], found: Sequence[Sequence[str]]) -> float:
    """At a depth of ten."""
    return round(
        statistics.mean(
            len(one.ranked.intersection(ids[:DEPTH])) / len(one.ranked)
            for one, ids in zip(asked, found, strict=True)
        ),
        4,
    )


def parts(embedder: BaseEmbedder) -> tuple[ExtractiveLLM, Any, RAGSettings, Guard]:
    llm = ExtractiveLLM("extractive", ExtractiveSettings(backend="extractive"), embedder)
    return llm, load_prompt("rag"), RAGSettings(), build_guard(SafetySettings())


async def answers(rag: RAGAnswerer, asked: Sequence[LabelledQuery]) -> dict[str, float]:
    drafts = [(one, await rag.async_answer(question(one.text))) for one in asked]
    answerable = [(one, draft) for one, draft in drafts if one.documents]
    others = [draft for one, draft in drafts if not one.documents]
    result = {
        "answerable": len(answerable),
        "cited_right": share(cites_right(one, draft) for one, draft in answerable),
        "cited_right_document": share(
            any(c.document_id in one.documents for c in draft.citations)
            for one, draft in answerable
        ),
        "quoted_the_answer": share(
            any(holds(one, citation) for citation in draft.citations) for one, draft in answerable
        ),
        "hedged": share(draft.certainty == "uncertain" for _, draft in answerable),
        "declined_wrongly": share(not draft.citations for _, draft in answerable),
        "sentences": round(statistics.mean(len(draft.citations) for _, draft in answerable), 2),
    }
    if others:
        result["unanswerable"] = len(others)
        result["hedged_rightly"] = share(draft.certainty == "uncertain" for draft in others)
        result["declined_rightly"] = share(not draft.citations for draft in others)
    return result


def cites_right(asked: LabelledQuery, draft: Draft) -> bool:
    return any(
        citation.document_id in asked.documents
        and asked.section in ("", citation.section.rpartition(" > ")[2])
        for citation in draft.citations
    )


def holds(asked: LabelledQuery, citation: Citation) -> bool:
    return (
        citation.document_id in asked.documents
        and asked.expected_text.lower() in citation.quote.lower()
    )


def share(values: Iterator[bool]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 4)


def question(text: str) -> Question:
    context = RequestContext(
        request_id="benchmark", tenant=TENANT, user="benchmark", deadline=time.time() + 60
    )
    return Question(text=text, context=context)


# -- speed -----------------------------------------------------------------------------------------


async def measure_speed(place: Path, passages: int) -> dict[str, float]:
    """Milliseconds per new question, with a cache that holds one."""
    documents = list(read_documents(Path("sample_bank/documents")))
    model = MiniLMEmbedder(MiniLMSettings())
    store = LanceDBStore(place, CachedEmbedder(model), chunk_tokens=CHUNK_TOKENS)
    await fill(store, documents, passages)
    embedder = CachedEmbedder(model, capacity=1_000)
    store = LanceDBStore(place, embedder, chunk_tokens=CHUNK_TOKENS)
    rag = RAGAnswerer(store, embedder, *parts(embedder))
    texts = [row["question"] for row in lines(Path("sample_bank/questions.jsonl"))]
    await rag.async_answer(question(texts[0]))
    alone, whole = [], []
    for text in texts:
        started = time.perf_counter()
        await model.async_embed([text])
        embedded = time.perf_counter()
        await rag.async_answer(question(text))
        alone.append((embedded - started) * 1000)
        whole.append((time.perf_counter() - embedded) * 1000)
    return {
        "passages": passages,
        "embedding_p50_ms": round(statistics.median(alone), 1),
        "answer_p50_ms": round(statistics.median(whole), 1),
        "ratio": round(statistics.median(whole) / statistics.median(alone), 2),
    }


async def fill(store: LanceDBStore, documents: Sequence[Document], passages: int) -> None:
    """Adds copies of the documents under other names, whose embeddings come from the cache."""
    of_one = sum(len(chunk(document, max_tokens=CHUNK_TOKENS)) for document in documents)
    copies = [
        document.model_copy(update={"id": f"{document.id}-{copy}"})
        for copy in range(math.ceil(passages / of_one))
        for document in documents
    ]
    await store.async_add(TENANT, copies)


if __name__ == "__main__":
    sys.exit(main())
