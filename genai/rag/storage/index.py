"""The document index: passages with embeddings in a table, with full-text and vector search."""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from genai.embeddings.cached import CachedEmbedder
from genai.errors import Conflict, Forbidden, InvalidInput
from genai.language.words import content_words, covered, shared, word_weights
from genai.messages import Passage
from genai.rag.base import Document, DocumentSummary, IndexVersion, Progress
from genai.rag.passages.chunking import chunk, findable
from genai.rag.passages.vectors import embed_passages, embedded_texts, finder, pack, recall, unpack
from genai.rag.permissions import SHARED, Reader, Readers, scopes_for, scopes_of
from genai.rag.storage.ranking import Fit, fitted
from genai.rag.storage.table import (
    Change,
    FoundRow,
    OutOfDate,
    PassageRow,
    PassageTable,
    Relabel,
    StoredDocument,
)

_REMEMBERED = 60
"""The vectors of this many of the best passages are cached for the ranking that follows."""

_TRIES = 5

_SURROGATE = re.compile("[\ud800-\udfff]")


class DocumentIndex:
    """A `Retriever`, a `DocumentStore` and a `Publisher` over any `PassageTable`."""

    def __init__(self, table: PassageTable, embedder: CachedEmbedder, *, chunk_tokens: int) -> None:
        self._table = table
        self._embedder = embedder
        self._chunk_tokens = chunk_tokens

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        _checked(reader.tenant)
        text = query.encode("utf-8", "replace").decode()
        asked = asyncio.ensure_future(self._embedded(text))
        try:
            rows = await self._table.async_search(scopes_for(reader), text, asked)
            found = _fits(text, await asked, rows)
        finally:
            asked.cancel()
        for fit, vectors in found[: min(limit, _REMEMBERED)]:
            recall(self._embedder, fit.passage, vectors)
        return tuple(
            fit.passage.model_copy(update={"score": round(fit.score, 4)})
            for fit, _ in found[:limit]
        )

    async def async_add(
        self, tenant: str, documents: Sequence[Document], *, keep_readers: bool = False
    ) -> None:
        """Raises `InvalidInput` for a document without text."""
        by_id = {_storable(document).id: document for document in documents}
        stored = await self._table.async_documents(_writable(tenant), list(by_id))
        if keep_readers:
            by_id |= {old.id: _for_the_same(by_id[old.id], old) for old in stored}
        fresh = self._fresh(by_id, stored, "")
        if fresh:
            rows = await self._rows(tenant, fresh, "", None)
            change = Change(rows, frozenset(document.id for document in fresh))
            await self._table.async_commit(tenant, change)

    async def async_publish(
        self,
        documents: Sequence[Document],
        *,
        tenant: str = SHARED,
        origin: str = "",
        progress: Progress | None = None,
    ) -> int:
        """Documents added with `async_add` have the empty origin."""
        by_id = {_storable(document).id: document for document in documents}
        for _ in range(_TRIES):
            stored = await self._table.async_documents(_checked(tenant))
            own = {d.id: d.fingerprint for d in stored if d.origin == origin}
            fresh = self._fresh(by_id, stored, origin)
            changed = frozenset(document.id for document in fresh)
            kept = {d: own[d] for d in own if d in by_id and d not in changed}
            if not fresh and len(kept) == len(own):
                return 0
            rows = await self._rows(tenant, fresh, origin, progress)
            try:
                await self._table.async_commit(tenant, Change(rows, changed, kept, origin))
            except OutOfDate:
                continue
            return len(fresh) + len(own.keys() - by_id.keys())
        raise Conflict("somebody else changes these documents all the time")

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        stored = await self._table.async_documents(_checked(tenant))
        return tuple(
            DocumentSummary(
                id=document.id,
                title=document.title,
                source=document.source,
                passages=document.passages,
                readers=Readers.model_validate_json(document.readers),
            )
            for document in sorted(stored, key=lambda document: document.id)
        )

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        return await self._table.async_purge(_writable(tenant), _checked(document_id))

    async def async_forget_reader(self, tenant: str, user: str) -> int:
        changed = 0
        for old in await self._table.async_readers(_writable(tenant)):
            readers = Readers.model_validate_json(old)
            if user in readers.users:
                left = readers.without(user)
                label = Relabel(old, left.model_dump_json(), scopes_of(tenant, left))
                changed += await self._table.async_relabel(tenant, label)
        return changed

    async def async_sweep(self) -> None:
        """Vacuum deleted documents from the storage once no reader needs them. To be called regularly."""
        await self._table.async_sweep()

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        return await self._table.async_versions(_checked(tenant))

    async def async_rollback(self, tenant: str, number: int) -> None:
        await self._table.async_rollback(_checked(tenant), number)

    async def _embedded(self, query: str) -> np.ndarray:
        return np.asarray((await self._embedder.async_embed([query]))[0], dtype=np.float32)

    def _fresh(
        self, documents: dict[str, Document], stored: Sequence[StoredDocument], origin: str
    ) -> list[Document]:
        """The documents that are new or changed."""
        known = {d.id: d.fingerprint for d in stored if d.origin == origin}
        return [d for d in documents.values() if known.get(d.id) != self._fingerprint(d)]

    def _fingerprint(self, document: Document) -> str:
        how = (self._embedder.name, self._chunk_tokens)
        return hashlib.sha256(f"{how}{document.model_dump_json()}".encode()).hexdigest()

    async def _rows(
        self,
        tenant: str,
        documents: Sequence[Document],
        origin: str,
        progress: Progress | None,
    ) -> list[PassageRow]:
        """Passages that occur in former versions are not embedded again."""
        ids = [document.id for document in documents]
        known = await self._table.async_vectors(tenant, ids) if ids else {}
        rows: list[PassageRow] = []
        for number, document in enumerate(documents, start=1):
            rows += await self._rows_of(tenant, document, origin, known)
            if progress is not None:
                progress(number, len(documents))
        return rows

    async def _rows_of(
        self, tenant: str, document: Document, origin: str, known: dict[str, bytes]
    ) -> list[PassageRow]:
        passages = await asyncio.to_thread(chunk, document, max_tokens=self._chunk_tokens)
        if not passages:
            raise InvalidInput("the document has no text", "text")
        contents = [self._content(passage) for passage in passages]
        fresh = [p for p, content in zip(passages, contents, strict=True) if content not in known]
        embedded = iter(await embed_passages(self._embedder, fresh))
        vectors = [known.get(content) or pack(next(embedded)) for content in contents]
        scopes = scopes_of(tenant, document.readers)
        return [
            PassageRow(
                document_id=document.id,
                title=document.title,
                source=document.source,
                readers=document.readers.model_dump_json(),
                fingerprint=self._fingerprint(document),
                number=number,
                way=way,
                passages=0 if number or way else len(passages),
                content=contents[number],
                scopes=scopes,
                searchable=words,
                passage=passage.model_dump_json(),
                vector=vector,
                vectors=vectors[number],
                origin=origin,
            )
            for number, passage in enumerate(passages)
            for way, (words, vector) in enumerate(
                _ways(passage, unpack(vectors[number], self._embedder.dimensions))
            )
        ]

    def _content(self, passage: Passage) -> str:
        """A digest of everything that is embedded of a passage."""
        texts = [self._embedder.name, *embedded_texts(passage)]
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _fits(query: str, vector: np.ndarray, rows: Sequence[FoundRow]) -> list[tuple[Fit, np.ndarray]]:
    """The distinct passages of the rows, best first, with their vectors."""
    distinct = {row.passage: row for row in rows}.values()
    passages = [Passage.model_validate_json(row.passage) for row in distinct]
    words = [content_words(findable(passage)) for passage in passages]
    asked = content_words(query)
    weights = word_weights(asked, words)
    shares = [(covered(weights, here), shared(asked, here)) for here in words]
    vectors = [unpack(row.vectors, len(vector)) for row in distinct]
    found = [
        (fitted(passage, (own @ vector).tolist(), *share), own)
        for passage, own, share in zip(passages, vectors, shares, strict=True)
    ]
    return sorted(found, key=lambda pair: pair[0].score, reverse=True)


def _ways(passage: Passage, vectors: np.ndarray) -> Iterator[tuple[str, Sequence[float]]]:
    """The index entries of a passage: its own, and one for each question that it is known not to
    answer, so that those are always considered.
    """
    yield findable(passage), finder(passage, vectors)
    first = len(vectors) - len(passage.unanswered)
    yield from zip(passage.unanswered, vectors[first:].tolist(), strict=True)


def _for_the_same(document: Document, old: StoredDocument) -> Document:
    readers = Readers.model_validate_json(old.readers)
    return document.model_copy(update={"readers": readers})


def _writable(tenant: str) -> str:
    if tenant == SHARED:
        raise Forbidden("the shared documents cannot be changed")
    return _checked(tenant)


def _checked(name: str) -> str:
    """Raises `InvalidInput` unless ``name`` can be stored as an id."""
    if not 1 <= len(name) <= 512 or "\0" in name or _SURROGATE.search(name):
        raise InvalidInput("an id must have 1 to 512 characters of valid Unicode", "id")
    return name


def _storable(document: Document) -> Document:
    _checked(document.id)
    for names in (document.readers.users, document.readers.groups, document.readers.roles):
        for name in names:
            _checked(name)
    text = f"{document.title}{document.source}{document.text}"
    if _SURROGATE.search(text) or "\0" in text:
        raise InvalidInput("the document must be valid Unicode", "text")
    return document
