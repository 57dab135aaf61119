"""Train the confidence that the documents answer a question.

    python -m jobs.train_confidence [--questions sample_bank/questions.jsonl]

Asks the configured documents each labelled question, and writes the weights for documents with known
questions (see genai/rag/passages/hints.py). Then asks them without these, and writes the weights for all
other documents. Held-out questions only serve as a test. Exits with 1 when too few of them are answered
or declined correctly.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from deployments.config import load
from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, load_vectors
from genai.factory.embedder_factory import build_embedder
from genai.rag.base import Document
from genai.rag.evidence.confidence import WEIGHTS
from genai.rag.ingestion.documents import read_documents
from genai.rag.passages.hints import without_hints
from genai.rag.retrieval.in_memory_retriever import InMemoryRetriever
from genai.rag.training.confidence import (
    CalibrationPoint,
    LabelledEvidence,
    LabelledQuestion,
    make_examples,
    rates,
    read_questions,
    save,
    train,
)
from genai.settings.application import Settings
from genai.settings.documents import RAGSettings

_VECTORS = 50_000

SHARES = {"hinted": (0.01, 0.05), "plain": (0.04, 0.1)}
"""The shares of questions with an answer that may be declined, and of those without one that may be answered.

    Documents without hints allow less accuracy.
    """


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    labelled = read_questions(args.questions)
    learnt, passed = {}, []
    for kind, documents in of_both_kinds(read_documents(Path(settings.rag.documents))).items():
        examples = asyncio.run(ask(settings, documents, labelled))
        learnt[kind] = learn(settings.rag, kind, [one for one in examples if not one.held_out])
        held_out = [one for one in examples if one.held_out]
        shares = rates(learnt[kind], held_out, *limits(settings.rag))
        print(f"{kind}, held out: {shares}")
        passed.append(min(shares.kept, shares.unguessed) >= args.pass_mark)
    save(args.output, learnt)
    return 0 if all(passed) else 1


def of_both_kinds(documents: Sequence[Document]) -> dict[str, Sequence[Document]]:
    bare = [one.model_copy(update={"text": without_hints(one.text)}) for one in documents]
    return {"plain": bare, "hinted": documents}


def learn(
    settings: RAGSettings, kind: str, examples: Sequence[LabelledEvidence]
) -> dict[str, float]:
    least, sure = limits(settings)
    lost, guessed = SHARES[kind]
    return train(
        examples, lower=CalibrationPoint(least, lost), upper=CalibrationPoint(sure, guessed)
    )


def limits(settings: RAGSettings) -> tuple[float, float]:
    return settings.min_confidence, settings.sure_confidence


async def ask(
    settings: Settings, documents: Sequence[Document], labelled: Sequence[LabelledQuestion]
) -> list[LabelledEvidence]:
    """The search results for each question."""
    shelf, embedder = await shelved(settings, documents)
    return await make_examples(shelf, embedder, labelled, tenant="", focus=settings.rag.top_k)


async def shelved(
    settings: Settings, documents: Sequence[Document]
) -> tuple[InMemoryRetriever, CachedEmbedder]:
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    inner = PrecomputedEmbedder(build_embedder(settings.embedder), known)
    embedder = CachedEmbedder(inner, capacity=_VECTORS)
    return await InMemoryRetriever.of(
        embedder, documents, chunk_tokens=settings.rag.chunk_tokens
    ), embedder


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--questions", type=Path, default=Path("sample_bank/questions.jsonl"))
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--pass-mark", type=float, default=0.8)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
