"""Ingest a folder of documents into the vector store, for all tenants or for one.

    ray job submit --working-dir . -- python -m jobs.ingest [--config serve_config.yaml]
    python -m jobs.ingest --folder contracts --tenant acme --group legal

Reads Markdown, HTML, PDF, Word, CSV and plain text. Unchanged documents cost nothing. Documents from an
earlier run for the same folder and groups whose file is gone are removed; other documents stay, unless a
new one has the same id. The change is atomic. --versions lists former versions of a tenant's documents, and
--rollback restores one. --save-vectors embeds everything in a temporary store and writes the vectors, so
that later runs need not compute them.

Exits with 1 when a file cannot be read; then nothing is changed.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from deployments.config import load
from genai.embeddings.lazy import LazyEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, RecordingEmbedder, load_vectors
from genai.errors import GenAIError
from genai.factory.embedder_factory import build_embedder
from genai.factory.rag_factory import build_store
from genai.rag.base import Progress
from genai.rag.ingestion.folder import Folder, ingest_folder
from genai.rag.permissions import SHARED, Readers
from genai.settings.application import Settings
from jobs.submitted import link_data


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    link_data()
    [application] = load(args.config)["applications"]
    settings = Settings.model_validate(application["args"])
    try:
        print(asyncio.run(run(settings, args)))
    except GenAIError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


async def run(settings: Settings, args: argparse.Namespace) -> str:
    """The text to print at the end."""
    if args.save_vectors:
        await save_vectors(settings, args.save_vectors)
        return f"{args.save_vectors} is written"
    if args.versions or args.rollback is not None:
        return await versions(settings, args.tenant, args.rollback)
    readers = Readers(groups=tuple(args.groups))
    path = args.folder or Path(settings.rag.documents)
    folder = Folder(path, args.tenant, readers, configured=args.folder is None)
    changed = await ingest(settings, folder, ProgressPrinter())
    return f"{changed} documents were new, different or removed"


class ProgressPrinter:
    """Prints the progress every ``every_s`` seconds."""

    def __init__(self, every_s: float = 2.0) -> None:
        self._every_s = every_s
        self._last = -every_s

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if done == of or now - self._last >= self._every_s:
            self._last = now
            print(f"{done} of {of} documents are embedded", flush=True)


async def ingest(
    settings: Settings, folder: Folder | None = None, progress: Progress | None = None
) -> int:
    """Returns the number of new, changed or removed documents."""
    known = load_vectors(Path(settings.rag.vectors), settings.embedder.name)
    embedder = PrecomputedEmbedder(_embedder(settings), known)
    return await ingest_folder(
        build_store(settings, embedder),
        folder or Folder(Path(settings.rag.documents), configured=True),
        reading=settings.rag.reading,
        progress=progress,
    )


async def versions(settings: Settings, tenant: str, rollback: int | None) -> str:
    store = build_store(settings, _embedder(settings))
    if rollback is not None:
        await store.async_rollback(tenant, rollback)
    found = await store.async_versions(tenant)
    return "\n".join(f"{one.number:>6}  {datetime.fromtimestamp(one.at, UTC)}" for one in found)


async def save_vectors(settings: Settings, path: Path) -> None:
    recorder = RecordingEmbedder(_embedder(settings))
    with tempfile.TemporaryDirectory() as folder:
        rag = settings.rag.model_copy(update={"store": folder})
        store = build_store(settings.model_copy(update={"rag": rag}), recorder)
        await ingest_folder(store, Folder(Path(settings.rag.documents)))
    recorder.save(path)


def _embedder(settings: Settings) -> LazyEmbedder:
    """An embedder that uses all cores of the job."""
    model = settings.embedder.model_copy(update={"threads": os.cpu_count() or 1})
    return LazyEmbedder(model.name, model.dimensions, partial(build_embedder, model))


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--config", type=Path, default=Path("serve_config.yaml"))
    parser.add_argument("--folder", type=Path, help="instead of rag.documents")
    parser.add_argument("--tenant", default=SHARED, help="whose documents they are; without, all")
    parser.add_argument(
        "--group",
        dest="groups",
        action="append",
        default=[],
        help="the only ones who may read them",
    )
    parser.add_argument("--versions", action="store_true", help="list those that are kept")
    parser.add_argument("--rollback", type=int, metavar="VERSION", help="return to a version")
    parser.add_argument("--save-vectors", type=Path, help="write them instead of ingesting")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
