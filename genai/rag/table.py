"""The storage interface below the index, with its rows. Implemented by LanceDB and PostgreSQL.

    since  until   the versions of the tenant's documents in which a row is valid; ``LIVE``: no end
    scopes         who may find it; empty when it is no longer valid

Valid rows are immutable: a new version ends some rows and adds others, in one transaction. So readers see
either version, and former ones can be restored.
"""

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from genai.rag.base import IndexVersion

LIVE = 2**53
"""Larger than every version, and exact in every language."""

CANDIDATES = 30
"""How many rows each of the two searches contributes; several may lead to one passage."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to find a passage: its own words and vector, or those of a question about it.

    ``number`` counts the passages of the document, ``way`` the ways to one of them. ``passages`` is
    how many the document has, in its first row, and 0 in all others. ``content`` tells whether the
    vectors of a passage can be used again, ``origin`` who brought the document in.
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
    """What makes the next version: rows come, and those of the ``replaced`` documents end.

    With ``kept``, the fingerprints of the only other documents of the ``origin`` that stay, all the rest
    of it ends, too. Documents of other origins are let alone.
    """

    rows: Sequence[Row]
    replaced: frozenset[str] = frozenset()
    kept: dict[str, str] | None = field(default=None)
    origin: str = ""

    def looked_at(self) -> Sequence[str] | None:
        """The ids of the stored documents that decide what ends; None for all."""
        return sorted(self.replaced) if self.kept is None else None

    def ended(self, stored: Iterable[StoredDocument]) -> list[str]:
        """The ids of those of the tenant's ``stored`` documents that end. Raises `OutOfDate`."""
        present = {document.id: document for document in stored}
        ended = self.replaced & present.keys()
        if self.kept is None:
            return sorted(ended)
        own = {name: d.fingerprint for name, d in present.items() if d.origin == self.origin}
        if not self.kept.items() <= own.items():
            raise OutOfDate
        return sorted(ended | (own.keys() - self.kept.keys()))


class OutOfDate(Exception):
    """A document that was to be kept is not there any more: somebody else changed the tenant's."""


class PassageTable(Protocol):
    """Raises `BackendFailed`. Several processes may use one table at the same time."""

    async def async_search(
        self, scopes: Sequence[str], words: str, vector: Awaitable[np.ndarray]
    ) -> list[FoundRow]:
        """The best rows by words and by vector, of one version, and of these scopes alone."""
        ...

    async def async_documents(
        self, tenant: str, ids: Sequence[str] | None = None
    ) -> list[StoredDocument]:
        """Those that count now; all, or some."""
        ...

    async def async_vectors(self, tenant: str, ids: Sequence[str]) -> dict[str, bytes]:
        """The vectors of the documents' passages, by their content."""
        ...

    async def async_commit(self, tenant: str, change: Change) -> None:
        """Make the next version. Raises `OutOfDate`."""
        ...

    async def async_purge(self, tenant: str, document_id: str) -> bool:
        """Remove a document in all versions; says whether it counted."""
        ...

    async def async_sweep(self) -> None:
        """Take off the disk what was purged a while ago. Asked for now and then."""
        ...

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """Those that are kept, the present one last."""
        ...

    async def async_rollback(self, tenant: str, number: int) -> None:
        """Make a version anew, as the next one. Raises `NotFound`."""
        ...
