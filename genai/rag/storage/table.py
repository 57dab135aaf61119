"""The storage interface below the index, with its rows. Implemented by LanceDB and PostgreSQL.

    since  until   the versions of the tenant's documents in which a row is valid; ``LIVE``: no end
    scopes         who may find it; empty when it is no longer valid

Valid rows are immutable: a new version ends some rows and adds others, in one transaction. So readers see
either version, and former ones can be restored. Erasures are the exception: they change all versions.
"""

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from genai.rag.base import IndexVersion

LIVE = 2**53
"""Larger than any version, and exact as a float."""

CANDIDATES = 30
"""Number of rows from each of the two searches; several may belong to one passage."""


@dataclass(frozen=True, slots=True)
class PassageRow:
    """An index entry of a passage: its own text and vector, or those of a question about it.

    ``number`` is the index of the passage in the document, ``way`` that of the entry. ``passages`` is
    the number of passages of the document in its first row, 0 in all others. ``content`` identifies
    reusable vectors, ``origin`` the source of the document.
    """

    document_id: str
    title: str
    source: str
    readers: str
    fingerprint: str
    number: int
    way: int
    passages: int
    content: str
    scopes: tuple[str, ...]
    searchable: str
    passage: str
    vector: Sequence[float] | np.ndarray
    vectors: bytes
    origin: str = ""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    id: str
    title: str
    source: str
    readers: str
    fingerprint: str
    passages: int
    origin: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    passage: str
    vectors: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the next version: adds rows, and ends those of the ``replaced`` documents.

    With ``kept``, the fingerprints of documents to keep, all other documents of the ``origin`` end as
    well. Documents of other origins are not affected.
    """

    rows: Sequence[PassageRow]
    replaced: frozenset[str] = frozenset()
    kept: dict[str, str] | None = field(default=None)
    origin: str = ""

    def looked_at(self) -> Sequence[str] | None:
        """The ids of the stored documents that decide what ends; `None` for all."""
        return sorted(self.replaced) if self.kept is None else None

    def ended(self, stored: Iterable[StoredDocument]) -> list[str]:
        """The ids of the ``stored`` documents that end. Raises `OutOfDate`."""
        present = {document.id: document for document in stored}
        ended = self.replaced & present.keys()
        if self.kept is None:
            return sorted(ended)
        own = {name: d.fingerprint for name, d in present.items() if d.origin == self.origin}
        if not self.kept.items() <= own.items():
            raise OutOfDate
        return sorted(ended | (own.keys() - self.kept.keys()))


@dataclass(frozen=True, slots=True)
class Relabel:
    """Other ``readers`` for the rows that have the ``old`` ones, with the scopes that follow.

    The fingerprints are emptied: the same document, when added again, is stored again.
    """

    old: str
    new: str
    scopes: tuple[str, ...]


class OutOfDate(Exception):
    """A document that was to be kept was changed concurrently."""


class PassageTable(Protocol):
    """Raises `BackendFailed`. Several processes may use a table concurrently."""

    async def async_search(
        self, scopes: Sequence[str], words: str, vector: Awaitable[np.ndarray]
    ) -> list[FoundRow]:
        """The best rows by words and by vector, of one version, within these scopes."""
        ...

    async def async_documents(
        self, tenant: str, ids: Sequence[str] | None = None
    ) -> list[StoredDocument]:
        """The current documents, or some of them."""
        ...

    async def async_vectors(self, tenant: str, ids: Sequence[str]) -> dict[str, bytes]:
        """The vectors of the documents' passages, by content."""
        ...

    async def async_commit(self, tenant: str, change: Change) -> None:
        """Creates the next version. Raises `OutOfDate`."""
        ...

    async def async_purge(self, tenant: str, document_id: str) -> bool:
        """Removes a document from all versions; returns whether it was current."""
        ...

    async def async_readers(self, tenant: str) -> set[str]:
        """The distinct ``readers`` of all rows, in all versions."""
        ...

    async def async_relabel(self, tenant: str, label: Relabel) -> int:
        """Changes the readers of rows, in all versions; returns of how many documents."""
        ...

    async def async_sweep(self) -> None:
        """Removes purged data from the disk. To be called regularly."""
        ...

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """The versions that are kept, the current one last."""
        ...

    async def async_rollback(self, tenant: str, number: int) -> None:
        """Restores a version as the next one. Raises `NotFound`."""
        ...
