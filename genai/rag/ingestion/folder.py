"""Ingests a folder of documents into the store."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genai.errors import InvalidInput, Misconfigured
from genai.rag.base import Document, Progress, Publisher
from genai.rag.formats.media_types import EXTENSIONS, MARKDOWN
from genai.rag.ingestion.conversion import Converter, File
from genai.rag.ingestion.documents import read_documents
from genai.rag.permissions import SHARED, Readers
from genai.settings.documents import ReadingSettings

logger = logging.getLogger(__name__)


class UnreadFiles(Misconfigured):
    """Some files could not be read, so nothing was changed."""


_ANYBODY = Readers()


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder to ingest, for one tenant or for all readers.

    ``configured`` marks the folder of the settings, whose path may change.
    """

    path: Path
    tenant: str = SHARED
    readers: Readers = _ANYBODY
    configured: bool = False

    @property
    def origin(self) -> str:
        """Identifies the folder and its readers across runs."""
        if self.configured and self.tenant == SHARED:
            return ""
        path, here = self.path.resolve(), Path.cwd()
        place = path.relative_to(here) if path.is_relative_to(here) else path
        names = [
            sorted(self.readers.users),
            sorted(self.readers.groups),
            sorted(self.readers.roles),
        ]
        return json.dumps([place.as_posix(), *names])


async def ingest_folder(
    store: Publisher,
    folder: Folder,
    *,
    reading: ReadingSettings | None = None,
    progress: Progress | None = None,
) -> int:
    """Ingests the files of the folder; returns how many were new, changed or removed.

    Unchanged documents cost nothing. Documents of the same origin whose file is gone are removed; those
    of other origins stay. All changes become visible at once.

    Changes nothing and raises `UnreadFiles` if a file cannot be read, `Misconfigured` if there is no such
    folder: a misspelt path must not remove what was ingested from the right one.
    """
    if not folder.path.is_dir():
        raise Misconfigured(f"there is no folder {folder.path}")
    documents = await _read_all(folder, Converter(reading or ReadingSettings()))
    if folder.tenant == SHARED and not folder.readers.anybody:
        raise Misconfigured("what every tenant reads cannot be kept to some")
    known = [document.model_copy(update={"readers": folder.readers}) for document in documents]
    changed = await store.async_publish(
        known, tenant=folder.tenant, origin=folder.origin, progress=progress
    )
    if changed:
        logger.info("documents ingested", extra={"changed": changed, "documents": len(documents)})
    return changed


async def _read_all(folder: Folder, converter: Converter) -> list[Document]:
    documents = {document.id: document for document in read_documents(folder.path)}
    files = list(_other_files(folder.path))
    results = await asyncio.gather(
        *(_read(converter, folder.path, path) for path in files), return_exceptions=True
    )
    unread: list[str] = []
    for path, result in zip(files, results, strict=True):
        if isinstance(result, InvalidInput):
            unread.append(f"{path.name}: {result.message}")
        elif isinstance(result, BaseException):
            raise result
        elif result.id in documents:
            raise Misconfigured(f"two documents have the id {result.id}")
        else:
            documents[result.id] = result
    if unread:
        raise UnreadFiles("; ".join(unread))
    return list(documents.values())


async def _read(converter: Converter, folder: Path, path: Path) -> Document:
    data = await asyncio.to_thread(path.read_bytes)
    file = File(data, EXTENSIONS[path.suffix.lower()], path.name)
    document = await converter.async_read(file)
    return document.model_copy(update={"source": path.relative_to(folder).as_posix()})


def _other_files(folder: Path) -> Iterator[Path]:
    """The files that are not Markdown with front matter."""
    for path in sorted(folder.rglob("*")):
        known = EXTENSIONS.get(path.suffix.lower())
        if known and path.is_file() and (known != MARKDOWN or path.suffix != ".md"):
            yield path
