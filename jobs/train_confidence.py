"""Learn when the documents answer a question, from questions with and without an answer.

    python -m jobs.train_confidence [--questions sample_bank/questions.jsonl]

Asks the configured documents every question, and writes the weights for documents with known questions
(see genai/rag/hints.py). Questions that are held out only test what was learnt. Exits with 1 when too few
of them are answered or declined rightly.
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
from genai.rag.confidence import WEIGHTS, load_weights
from genai.rag.documents import read_documents
from genai.rag.shelf import Shelf
from genai.rag.training import (
    Example,
    LabelledQuestion,
    make_examples,
    rates,
    read_questions,
    save,
    train,
)
from genai.settings.application import Settings

_VECTORS = 50_000


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    documents, labelled = (
        read_documents(Path(settings.rag.documents)),
        read_questions(args.questions),
    )
    examples = asyncio.run(ask(settings, documents, labelled))
    least = settings.rag.min_confidence
    weights = train([one for one in examples if not one.held_out], least=least)
    save(args.output, load_weights() | {"hinted": weights})
    held_out = [one for one in examples if one.held_out]
    answered, declined = rates(weights, held_out, least)
    print(f"held out: answered {answered}, declined {declined}")
    return 0 if min(answered, declined) >= args.pass_mark else 1


async def ask(
    settings: Settings, documents: Sequence[Document], labelled: Sequence[LabelledQuestion]
) -> list[Example]:
    """What the documents yield for each question."""
    shelf, embedder = await shelved(settings, documents)
    return await make_examples(shelf, embedder, labelled, tenant="", focus=settings.rag.top_k)


async def shelved(
    settings: Settings, documents: Sequence[Document]
) -> tuple[Shelf, CachedEmbedder]:
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    inner = PrecomputedEmbedder(build_embedder(settings.embedder), known)
    embedder = CachedEmbedder(inner, capacity=_VECTORS)
    return await Shelf.of(embedder, documents, chunk_tokens=settings.rag.chunk_tokens), embedder


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--questions", type=Path, default=Path("sample_bank/questions.jsonl"))
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--pass-mark", type=float, default=0.8)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
