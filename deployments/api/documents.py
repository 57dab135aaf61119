"""``/v1/documents``: the documents of a tenant."""

import base64
import math
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from deployments.api.call import Call, Reply, reply
from deployments.api.errors import UnsupportedMedia
from deployments.api.multipart import Part
from deployments.api.schemas import NOT_BLANK, ONE_LINE, Deleted, TimedBody
from genai.access.principal import Role
from genai.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from genai.memory.names import checked
from genai.rag.base import Document, DocumentSummary
from genai.rag.formats.blocks import one_line
from genai.rag.formats.media_types import MEDIA_TYPES, media_type_of
from genai.rag.ingestion.conversion import File
from genai.rag.labels import Label
from genai.rag.permissions import SHARED, Readers, may_read, reader_of

WRITERS: tuple[Role, ...] = ("operator", "admin")

_LISTS = ("users", "groups", "roles")

MAX_TITLE = 512
MAX_CHARS = 2_000_000

Name = Annotated[str, NOT_BLANK, ONE_LINE, Field(max_length=256)]
Names = Annotated[list[Name], Field(max_length=100)]


class DocumentBody(TimedBody):
    """A document: a text with its title, or the content of a file in base64."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "card-fees",
                    "title": "Card fees",
                    "text": "# Replacement\n\nA replacement card costs 12 dollars.",
                },
                {
                    "filename": "fees.csv",
                    "media_type": "text/csv",
                    "content": "Y2FyZCxmZWUKR29sZCwxMgo=",
                },
            ]
        }
    )

    id: str | None = Field(
        default=None, description="Replaces the document with this id. Without it a new id is made."
    )
    title: Annotated[str, NOT_BLANK, ONE_LINE, Field(max_length=MAX_TITLE)] | None = Field(
        default=None, description="A file may have one of its own."
    )
    text: Annotated[str, NOT_BLANK, Field(max_length=MAX_CHARS)] | None = Field(
        default=None, description="Markdown."
    )
    content: str | None = Field(default=None, description="A file, in base64, instead of a text.")
    media_type: str = Field(
        default="", max_length=256, description=f"Of the file: {', '.join(MEDIA_TYPES)}."
    )
    filename: Annotated[str, ONE_LINE] = Field(default="", max_length=512)
    source: Annotated[str, ONE_LINE] = Field(
        default="", max_length=1024, description="Where it comes from."
    )
    users: Names = Field(default=[], description="Who may read it, beside the groups and roles.")
    groups: Names = Field(default=[], description="Whose keys may read it.")
    roles: list[Role] = Field(
        default=[],
        max_length=100,
        description="Likewise. Without users, groups and roles the whole tenant may; of a document that is"
        " replaced, who could before. An empty list of them opens it.",
    )

    @model_validator(mode="after")
    def is_a_text_or_a_file(self) -> "DocumentBody":
        if (self.text is None) == (self.content is None):
            raise ValueError("give either text or the content of a file")
        return self

    @property
    def names_readers(self) -> bool:
        return not self.model_fields_set.isdisjoint(_LISTS)

    def readers(self) -> Readers:
        return Readers(users=tuple(self.users), groups=tuple(self.groups), roles=tuple(self.roles))


class StoredDocument(BaseModel):
    id: str
    title: str
    source: str


class DocumentList(BaseModel):
    object: Literal["list"] = "list"
    data: tuple[DocumentSummary, ...]


async def add_document(call: Call, body: DocumentBody) -> Reply:
    """Store a document, or replace it; questions find it from now on.

    A file can also be sent as a form, with the fields of this body beside ``file``. HTML, PDF, Word,
    CSV, Markdown and plain text are read.
    """
    document_id = f"doc_{uuid4().hex}" if body.id is None else body.id
    checked(document_id, "id")
    document = await _document(call, body, document_id)
    await _stored(call, document, keep_readers=not body.names_readers)
    [label] = await _labels(call, [document])
    return reply({"id": document_id, **label._asdict()}, 201)


async def _stored(call: Call, document: Document, *, keep_readers: bool) -> None:
    """Stores the document. Deletes it again if its user was erased in the meantime."""
    owners, documents, principal = call.services.owners, call.services.documents, call.principal
    await owners.async_note(principal.tenant, principal.user, document.id)
    await documents.async_add(principal.tenant, [document], keep_readers=keep_readers)
    try:
        await owners.async_note(principal.tenant, principal.user, document.id)
    except Unauthenticated:
        await documents.async_delete(principal.tenant, document.id)
        raise


async def _document(call: Call, body: DocumentBody, document_id: str) -> Document:
    if body.text is not None:
        if body.title is None:
            raise InvalidInput("title is required", "title")
        return Document(
            id=document_id,
            title=body.title,
            text=body.text,
            source=body.source,
            readers=body.readers(),
        )
    read = await call.services.converter.async_read(_file(body))
    title = body.title or one_line(read.title)[:MAX_TITLE]
    source = body.source or body.filename
    known = {"id": document_id, "title": title, "source": source, "readers": body.readers()}
    return read.model_copy(update=known)


def _file(body: DocumentBody) -> File:
    media_type = media_type_of(body.media_type, body.filename)
    if media_type is None:
        raise UnsupportedMedia(f"files may be of the types {', '.join(MEDIA_TYPES)}")
    try:
        data = base64.b64decode(body.content or "", validate=True)
    except ValueError:
        raise InvalidInput("content must be in base64", "content") from None
    return File(data, media_type, body.filename)


def from_form(parts: Sequence[Part]) -> bytes:
    """The JSON body equivalent to a form with one file in it."""
    files = [part for part in parts if part.filename is not None]
    if len(files) != 1 or files[0].name != "file":
        raise InvalidInput("the form must have one file, in the field file", "file")
    [file] = files
    body: dict[str, object] = {
        "content": base64.b64encode(file.data).decode(),
        "filename": file.filename,
        "media_type": file.media_type,
    }
    for part in parts:
        if part.name in _LISTS:
            body[part.name] = [other.text for other in parts if other.name == part.name]
        elif part is not file:
            if part.name in body:
                raise InvalidInput("the form repeats a field")
            body[part.name] = _number(part.text) if part.name == "timeout_s" else part.text
    return orjson.dumps(body)


def _number(text: str) -> float | str:
    """As in JSON, which has no NaN: that stays a text, and is refused as one."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


async def list_documents(call: Call, body: None) -> Reply:
    """The tenant's documents that the key may read or write, without their texts."""
    return reply({"object": "list", "data": await _shown(call, await _visible(call))})


async def _visible(call: Call) -> list[DocumentSummary]:
    """Keys that may write documents can list all of them."""
    summaries = await call.services.documents.async_list(call.principal.tenant)
    writes = bool(set(WRITERS) & set(call.principal.roles))
    reader = reader_of(call.context())
    return [one for one in summaries if writes or may_read(reader, one.readers)]


async def get_document(call: Call, body: None) -> Reply:
    """One document, without its text. Documents shared by all tenants are included."""
    document_id = call.identifier("document_id")
    own = _one_of(await _visible(call), document_id)
    found = own or _one_of(await call.services.documents.async_list(SHARED), document_id)
    if found is None:
        raise NotFound("no such document")
    [shown] = await _shown(call, [found])
    return reply(shown)


async def _shown(call: Call, summaries: Sequence[DocumentSummary]) -> list[dict[str, object]]:
    labels = await _labels(call, summaries)
    return [s.model_dump() | label._asdict() for s, label in zip(summaries, labels, strict=True)]


async def _labels(call: Call, documents: Sequence[Document | DocumentSummary]) -> list[Label]:
    said = [Label(document.title, document.source) for document in documents]
    return await call.services.labels.async_shown(said, call.context())


def _one_of(summaries: Sequence[DocumentSummary], document_id: str) -> DocumentSummary | None:
    return next((one for one in summaries if one.id == document_id), None)


async def delete_document(call: Call, body: None) -> Reply:
    """Delete a document and everything derived from it.

    Documents shared by all tenants come with the service's settings (`rag.documents`) and stay.
    """
    document_id = call.identifier("document_id")
    if not await call.services.documents.async_delete(call.principal.tenant, document_id):
        if _one_of(await call.services.documents.async_list(SHARED), document_id):
            raise Forbidden(
                "this document comes with the service's settings, and no key can delete it"
            )
        raise NotFound("no such document")
    await call.services.owners.async_forget(call.principal.tenant, document_id)
    return reply(Deleted(id=document_id).model_dump())
