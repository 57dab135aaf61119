"""Learn when the documents answer a question, from questions with and without an answer.

    python -m jobs.train_confidence [--questions sample_bank/questions.jsonl]

Ingests the configured documents into a store that is thrown away, asks every question, and writes
the weights for documents with known questions (see genai/rag/hints.py). Questions that are held out
only test what was learnt. Exits with 1 when too few of them are answered or declined rightly.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from deployments.config import load
from genai.embeddings.cached import cached
from genai.embeddings.precomputed import PrecomputedEmbedder, load_vectors
from genai.factory.embedder_factory import build_embedder
from genai.factory.rag_factory import build_store
from genai.rag.confidence import WEIGHTS, load_weights
from genai.rag.ingest import Folder, ingest_folder
from genai.rag.training import Example, make_examples, rates, read_questions, save, train
from genai.settings.application import Settings


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    examples = asyncio.run(ask(settings, args.questions))
    weights = train([one for one in examples if not one.held_out])
    answered, declined = rates(
        weights, [one for one in examples if one.held_out], settings.rag.min_confidence
    )
    save(args.output, load_weights() | {"hinted": weights})
    print(f"held out: answered {answered}, declined {declined}")
    return 0 if min(answered, declined) >= args.pass_mark else 1


async def ask(settings: Settings, questions: Path) -> list[Example]:
    """What the documents yield for each question."""
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    embedder = cached(PrecomputedEmbedder(build_embedder(settings.embedder), known))
    with tempfile.TemporaryDirectory() as folder:
        rag = settings.rag.model_copy(update={"store": folder})
        store = build_store(settings.model_copy(update={"rag": rag}), embedder)
        await ingest_folder(store, Folder(Path(settings.rag.documents)))
        return await make_examples(
            store, embedder, read_questions(questions), tenant="training", focus=rag.top_k
        )


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--questions", type=Path, default=Path("sample_bank/questions.jsonl"))
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--pass-mark", type=float, default=0.8)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
