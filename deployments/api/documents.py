"""``/v1/documents``: what answers are made from. Every tenant has its own."""

from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from deployments.api.call import Call, Reply, checked_identifier, reply
from deployments.api.schemas import NOT_BLANK, Deleted, TimedBody
from genai.access.principal import Role
from genai.errors import NotFound
from genai.rag.base import Document, DocumentSummary

WRITERS: tuple[Role, ...] = ("operator", "admin")


class DocumentBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "card-fees",
                    "title": "Card fees",
                    "text": "# Replacement\n\nA replacement card costs 12 dollars.",
                }
            ]
        }
    )

    id: str | None = Field(
        default=None, description="Replaces the document with this id. Without it a new id is made."
    )
    title: Annotated[str, NOT_BLANK, Field(max_length=512)]
    text: Annotated[str, NOT_BLANK]
    source: str = Field(default="", max_length=1024, description="Where it comes from.")


class StoredDocument(BaseModel):
    id: str
    title: str
    source: str


class DocumentList(BaseModel):
    object: Literal["list"] = "list"
    data: tuple[DocumentSummary, ...]


async def add_document(call: Call, body: DocumentBody) -> Reply:
    """Store a document, or replace it; questions find it from now on."""
    document_id = f"doc_{uuid4().hex}" if body.id is None else body.id
    checked_identifier(document_id, "id")
    document = Document(id=document_id, title=body.title, text=body.text, source=body.source)
    principal = call.principal
    await call.services.owners.async_note(principal.tenant, principal.user, document_id)
    await call.services.documents.async_add(principal.tenant, [document])
    return reply({"id": document_id, "title": body.title, "source": body.source}, 201)


async def list_documents(call: Call, body: None) -> Reply:
    """All documents of the tenant, without their texts."""
    summaries = await call.services.documents.async_list(call.principal.tenant)
    return reply({"object": "list", "data": [vars(summary) for summary in summaries]})


async def get_document(call: Call, body: None) -> Reply:
    """One document, without its text."""
    document_id = call.identifier("document_id")
    for summary in await call.services.documents.async_list(call.principal.tenant):
        if summary.id == document_id:
            return reply(vars(summary))
    raise NotFound("no such document")


async def delete_document(call: Call, body: None) -> Reply:
    """Remove a document and everything that was made of it."""
    document_id = call.identifier("document_id")
    if not await call.services.documents.async_delete(call.principal.tenant, document_id):
        raise NotFound("no such document")
    await call.services.owners.async_forget(call.principal.tenant, document_id)
    return reply(Deleted(id=document_id).model_dump())
