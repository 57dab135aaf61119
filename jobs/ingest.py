"""Bring a folder of documents into the vector store, for every tenant to read.

    python -m jobs.ingest [--config serve_config.yaml] [--save-vectors sample_bank/vectors.npz]

Documents that are there already just so cost nothing. With --save-vectors everything is embedded
anew in a store that is thrown away, and the vectors are written, so that a later ingestion of the
same texts need not make them again.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from deployments.config import load
from genai.embeddings.lazy import LazyEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, RecordingEmbedder, load_vectors
from genai.factory.embedder_factory import build_embedder
from genai.factory.rag_factory import build_store
from genai.rag.ingest import ingest_folder
from genai.settings import Settings


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    if args.save_vectors:
        asyncio.run(save_vectors(settings, args.save_vectors))
    else:
        changed = asyncio.run(ingest(settings))
        print(f"{changed} documents were new or different")
    return 0


async def ingest(settings: Settings) -> int:
    """Says how many documents were new or different."""
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    embedder = PrecomputedEmbedder(_embedder(settings), known)
    return await ingest_folder(build_store(settings, embedder), Path(settings.rag.documents))


async def save_vectors(settings: Settings, path: Path) -> None:
    recorder = RecordingEmbedder(_embedder(settings))
    with tempfile.TemporaryDirectory() as folder:
        rag = settings.rag.model_copy(update={"store": folder})
        store = build_store(settings.model_copy(update={"rag": rag}), recorder)
        await ingest_folder(store, Path(settings.rag.documents))
    recorder.save(path)


def _embedder(settings: Settings) -> LazyEmbedder:
    """A job may use every core that it is given."""
    model = settings.embedder.model_copy(update={"threads": os.cpu_count() or 1})
    return LazyEmbedder(model.name, model.dimensions, partial(build_embedder, model))


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--save-vectors", type=Path, help="write them instead of ingesting")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
