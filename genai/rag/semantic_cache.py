"""A semantic cache of answers: recognises a question that was asked before in other words.

Similar embeddings do not prove that two questions are the same: those about a Gold and a Silver card
are almost equal. So the words that carry or change the meaning must be the same, in the same order;
only the rest, such as courtesy, may differ.
"""

import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.events import CitationEvent, DraftEvent, DraftStreamEvent, TokenEvent
from genai.language.words import STOP_WORDS, content_words
from genai.lru_cache import LRUCache
from genai.messages import Draft, Question, Usage
from genai.rag.base import IndexVersion
from genai.rag.permissions import SHARED, reader_of, scopes_for
from genai.settings.documents import SemanticCacheSettings
from genai.streams import closing

_WORD = re.compile(r"[\w'\u2019.,-]*\w")
_TURNING = frozenset(
    """
    no not nor never without cannot against except only from to into before after until over under
    above below between up down in out on off own other each both all any few most more less than
    who where when why how my your his her their our same again
    """.split()  # noqa: SIM905  (one word a line helps nobody)
)
"""Stop words that change the meaning of a question."""

Key = tuple[str, ...]


class Versioned(Protocol):
    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """The last one is the current version."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    vector: np.ndarray
    draft: Draft
    until: float


class SemanticCache(BaseAnswerer):
    """Caches the answers of ``inner``, in this process.

    An answer is reused only for the same tenant and permissions, and the same versions of all
    documents. Conversations and questions with personal data are not cached.
    """

    def __init__(
        self,
        inner: BaseAnswerer,
        embedder: BaseEmbedder,
        documents: Versioned,
        settings: SemanticCacheSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._embedder = embedder
        self._documents = documents
        self._settings = settings
        self._clock = clock
        self._entries = LRUCache[Key, _Entry](settings.entries)

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        if question.history or question.private or question.material:
            async with closing(self._inner.async_stream(question)) as events:
                async for event in events:
                    yield event
            return
        began = time.perf_counter()
        key = await self._key(question)
        [numbers] = await self._embedder.async_embed([question.text])
        vector = np.asarray(numbers, dtype=np.float32)
        draft = self._find(key, vector)
        if draft is not None:
            ms = round((time.perf_counter() - began) * 1000, 3)
            again = {"usage": Usage(), "timings_ms": {"cache": ms}, "safety": ()}
            for event in _told(draft.model_copy(update=again)):
                yield event
            return
        async with closing(self._inner.async_stream(question)) as events:
            async for event in events:
                if isinstance(event, DraftEvent):
                    self._keep(key, vector, event.draft)
                yield event

    async def _key(self, question: Question) -> Key:
        """The cache key. It contains the versions of the documents, so changes invalidate entries."""
        context = question.context
        versions = [
            str(found[-1].number if found else 0)
            for found in (
                await self._documents.async_versions(context.tenant),
                await self._documents.async_versions(SHARED),
            )
        ]
        return (
            context.tenant,
            *scopes_for(reader_of(context)),
            *versions,
            question.sampling.model_dump_json(),
            *_telling(question.text),
        )

    def _find(self, key: Key, vector: np.ndarray) -> Draft | None:
        entry = self._entries.recall(key)
        if entry is None or entry.until < self._clock():
            return None
        if float(entry.vector @ vector) < self._settings.min_similarity:
            return None
        return entry.draft

    def _keep(self, key: Key, vector: np.ndarray, draft: Draft) -> None:
        """Cache complete answers with citations only."""
        if draft.degraded or draft.finish_reason != "stop" or not draft.citations:
            return
        entry = _Entry(vector, draft, self._clock() + self._settings.ttl_s)
        self._entries.keep([(key, entry)])


def _told(draft: Draft) -> list[DraftStreamEvent]:
    citations = [CitationEvent(citation=citation) for citation in draft.citations]
    return [TokenEvent(text=draft.text), *citations, DraftEvent(draft=draft)]


def _telling(text: str) -> tuple[str, ...]:
    """The words that determine the meaning, in order."""
    told: list[str] = []
    for word in _WORD.findall(text.lower()):
        if word in _TURNING or word.endswith(("n't", "n\u2019t")):
            told.append(word)
        elif word not in STOP_WORDS:
            told += sorted(content_words(word)) or [word]
    return tuple(told)
