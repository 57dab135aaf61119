"""A document store in a LanceDB folder on this machine."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genai.embeddings.cached import CachedEmbedder
from genai.rag.base import IndexVersion
from genai.rag.storage.index import DocumentIndex
from genai.rag.storage.remains import Remains
from genai.rag.storage.table import Change, FoundRow, Relabel, StoredDocument

if TYPE_CHECKING:
    from genai.rag.storage.lancedb import LanceDBTable


class LanceDBStore(DocumentIndex):
    """Opens or creates its tables on first use. Raises `ImportError` if lancedb is not installed."""

    def __init__(
        self, folder: Path, embedder: CachedEmbedder, *, chunk_tokens: int, kept_versions: int = 5
    ) -> None:
        table = _LateTable(folder, embedder.dimensions, kept_versions)
        super().__init__(table, embedder, chunk_tokens=chunk_tokens)


class _LateTable:
    """A `PassageTable` that imports lancedb on first use: it takes some 50 MB, and half of the
    processes that could search the documents never do.
    """

    def __init__(self, folder: Path, dimensions: int, kept_versions: int) -> None:
        if importlib.util.find_spec("lancedb") is None:
            raise ImportError("lancedb is not installed")
        self._folder = folder
        self._dimensions = dimensions
        self._kept_versions = kept_versions
        self._loaded: asyncio.Future[LanceDBTable] | None = None

    async def async_search(
        self, scopes: Sequence[str], words: str, vector: Awaitable[np.ndarray]
    ) -> list[FoundRow]:
        return await (await self._table()).async_search(scopes, words, vector)

    async def async_documents(
        self, tenant: str, ids: Sequence[str] | None = None
    ) -> list[StoredDocument]:
        return await (await self._table()).async_documents(tenant, ids)

    async def async_vectors(self, tenant: str, ids: Sequence[str]) -> dict[str, bytes]:
        return await (await self._table()).async_vectors(tenant, ids)

    async def async_commit(self, tenant: str, change: Change) -> None:
        await (await self._table()).async_commit(tenant, change)

    async def async_purge(self, tenant: str, document_id: str) -> bool:
        return await (await self._table()).async_purge(tenant, document_id)

    async def async_readers(self, tenant: str) -> set[str]:
        return await (await self._table()).async_readers(tenant)

    async def async_relabel(self, tenant: str, label: Relabel) -> int:
        return await (await self._table()).async_relabel(tenant, label)

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        return await (await self._table()).async_versions(tenant)

    async def async_rollback(self, tenant: str, number: int) -> None:
        await (await self._table()).async_rollback(tenant, number)

    async def async_sweep(self) -> None:
        """Does not load lancedb if there is nothing to do."""
        if Remains(self._folder).any():
            await (await self._table()).async_sweep()

    async def _table(self) -> "LanceDBTable":
        """Loads once, in a thread; a cancelled caller does not cancel the load."""
        if self._loaded is None:
            self._loaded = asyncio.ensure_future(asyncio.to_thread(self._load))
        return await asyncio.shield(self._loaded)

    def _load(self) -> "LanceDBTable":
        from genai.rag.storage.lancedb import LanceDBTable

        return LanceDBTable(self._folder, self._dimensions, kept_versions=self._kept_versions)
