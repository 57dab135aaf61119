"""The interfaces of retrieval."""

from collections.abc import Sequence
from typing import Protocol

from genai.messages import Passage, Value


class Document(Value):
    """A text to be found again. ``id`` is unique within the tenant."""

    id: str
    title: str
    text: str
    source: str = ""


class DocumentSummary(Value):
    """A stored document, without its text."""

    id: str
    title: str
    source: str
    passages: int


class Retriever(Protocol):
    """Finds the passages that may answer a question."""

    async def async_retrieve(self, tenant: str, query: str, *, limit: int) -> tuple[Passage, ...]:
        """The best passages of the tenant's own documents, best first. Raises `BackendFailed`."""
        ...


class DocumentStore(Protocol):
    """Keeps the documents of all tenants; nobody sees another tenant's."""

    async def async_add(self, tenant: str, documents: Sequence[Document]) -> None:
        """Store or replace documents by id. Safe to call twice."""
        ...

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        """All documents of the tenant, by id."""
        ...

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        """Remove a document and its passages; says whether there was one. Safe to call twice."""
        ...
