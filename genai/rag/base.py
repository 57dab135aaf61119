"""The interfaces of retrieval."""

from collections.abc import Callable, Sequence
from typing import Protocol

from genai.messages import Passage, Value
from genai.rag.permissions import Reader, Readers


class Document(Value):
    """A text to be found again, by ``readers``. ``id`` is unique within the tenant."""

    id: str
    title: str
    text: str
    source: str = ""
    readers: Readers = Readers()


class DocumentSummary(Value):
    """A stored document, without its text."""

    id: str
    title: str
    source: str
    passages: int
    readers: Readers = Readers()


class IndexVersion(Value):
    """A state of a tenant's documents. ``at`` is Unix time."""

    number: int
    at: float


Progress = Callable[[int, int], None]
"""Told how many documents are embedded, of how many."""


class Retriever(Protocol):
    """Finds the passages that may answer a question."""

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        """The best passages of those that the reader may see, best first. Raises `BackendFailed`."""
        ...


class DocumentStore(Protocol):
    """Keeps the documents of all tenants; nobody sees another tenant's.

    Every change makes a new version of the tenant's documents, which is seen all at once.
    """

    async def async_add(self, tenant: str, documents: Sequence[Document]) -> None:
        """Store or replace documents by id. Safe to call twice."""
        ...

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        """All documents of the tenant, by id."""
        ...

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        """Remove a document in all versions; says whether there was one. Safe to call twice."""
        ...

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """Those that can be returned to, and the present one, which is the last."""
        ...

    async def async_rollback(self, tenant: str, number: int) -> None:
        """Make the documents what they were in a version, but for those that were deleted.

        That is a new version. Raises `NotFound` for one that is not kept.
        """
        ...


class Publisher(Protocol):
    """A store that takes all documents of an origin at once."""

    async def async_publish(
        self,
        documents: Sequence[Document],
        *,
        tenant: str = ...,
        origin: str = ...,
        progress: Progress | None = None,
    ) -> int:
        """Make these the tenant's documents of this origin, and no others; says how many were new or
        different. A document of another origin with the id of one of them gives way to it.

        Without a tenant they are those that every tenant may read.
        """
        ...
