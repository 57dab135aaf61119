"""The interfaces of retrieval and document storage."""

from collections.abc import Callable, Sequence
from typing import Protocol

from genai.messages import Passage, Value
from genai.rag.permissions import Reader, Readers


class Document(Value):
    """A document for ``readers``. ``id`` is unique within the tenant."""

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
    """A version of a tenant's documents. ``at`` is Unix time."""

    number: int
    at: float


Progress = Callable[[int, int], None]
"""Called with the number of documents embedded so far, and of all."""


class Retriever(Protocol):
    """Finds passages for a query."""

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        """The best passages that the reader may see, best first. Raises `BackendFailed`."""
        ...


class DocumentStore(Protocol):
    """Stores the documents of all tenants, isolated from each other.

    Each change creates a new version of the tenant's documents, atomically.
    """

    async def async_add(
        self, tenant: str, documents: Sequence[Document], *, keep_readers: bool = False
    ) -> None:
        """Stores or replaces documents by id. Idempotent.

        With ``keep_readers``, a document that replaces another takes over its readers.
        """
        ...

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        """All documents of the tenant, by id."""
        ...

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        """Deletes a document from all versions; returns whether it existed. Idempotent."""
        ...

    async def async_forget_reader(self, tenant: str, user: str) -> int:
        """Removes a user from the readers of all documents, in all versions; returns of how many.

        A document that was for this user alone is then for nobody.
        """
        ...

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """The versions that can be restored, and the current one, which is last."""
        ...

    async def async_rollback(self, tenant: str, number: int) -> None:
        """Restores a version, without documents that were deleted since.

        This creates a new version. Raises `NotFound` for a version that is no longer kept.
        """
        ...


class Publisher(Protocol):
    """A store that replaces all documents of an origin, such as a folder, at once."""

    async def async_publish(
        self,
        documents: Sequence[Document],
        *,
        tenant: str = ...,
        origin: str = ...,
        progress: Progress | None = None,
    ) -> int:
        """Makes these the only documents of this origin; returns how many were new, changed or removed.
        They replace documents with the same id from other origins.

        Without a tenant, they are shared by all tenants.
        """
        ...
