"""The document store on a full disk.

The disk is simulated in a separate process by a limit on file sizes (``RLIMIT_FSIZE``).

    python -m benchmarks.chaos.disk FOLDER
"""

import asyncio
import logging
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.chaos.rows import Row
from genai.embeddings.cached import cached
from genai.embeddings.hashing import HashEmbedder
from genai.errors import GenAIError
from genai.rag.base import Document
from genai.rag.storage.lancedb_store import LanceDBStore

SMALL = 20_000
"""Maximum file size in bytes while the disk is full."""

TEXT = "A replacement card costs five euros. " * 400


def full_disk() -> Row:
    with tempfile.TemporaryDirectory(prefix="chaos-disk-") as folder:
        command = [sys.executable, "-m", "benchmarks.chaos.disk", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    said = done.stdout.strip().splitlines()
    note = said[-1] if said else done.stderr.strip().splitlines()[-1]
    return Row("full disk of the document store", 1, 1, int(done.returncode != 0), note=note)


async def fill(folder: Path) -> str:
    """A summary. Raises `AssertionError` if a write succeeds on the full disk, or documents are lost."""
    store = LanceDBStore(folder / "store", cached(HashEmbedder()), chunk_tokens=200)
    await store.async_add("acme", [_document("before")])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, limits[1]))
    try:
        await store.async_add("acme", [_document("meanwhile")])
        raise AssertionError("a write to a full disk succeeded")
    except GenAIError as error:
        refused = error.code
    await _must_find(store, "before")
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await store.async_add("acme", [_document("after")])
    await _must_find(store, "before", "after")
    return f"refused with {refused}; nothing lost, and written again once there was room"


def _document(name: str) -> Document:
    return Document(id=name, title=name, text=f"# {name}\n\n{TEXT}")


async def _must_find(store: LanceDBStore, *names: str) -> None:
    listed = {document.id for document in await store.async_list("acme")}
    missing = set(names) - listed
    if missing:
        raise AssertionError(f"lost: {sorted(missing)}")


def main() -> int:
    logging.disable()
    print(asyncio.run(fill(Path(sys.argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
