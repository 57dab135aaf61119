"""Answers a question that was asked before in other words, without searching or asking a model.

Similar vectors do not prove that two questions ask the same: those about a Gold and a Silver card are
nearly alike. So the words that carry the meaning, and those that turn it, must be the same ones in the
same order; only what is left, such as courtesy, may differ.
"""

import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.messages import (
    CitationEvent,
    Draft,
    DraftEvent,
    DraftStreamEvent,
    Question,
    TokenEvent,
    Usage,
)
from genai.rag.base import IndexVersion
from genai.rag.permissions import SHARED, reader_of, scopes_for
from genai.rag.words import STOP_WORDS, content_words
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
"""Words without a meaning of their own that change the one of a question."""

Wall = tuple[str, ...]


class Versioned(Protocol):
    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        """The last one is what counts now."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    vector: np.ndarray
    draft: Draft
    until: float


class SemanticCache(BaseAnswerer):
    """An answerer that asks another one only for what it has not answered lately.

    An answer is given again only to the same rights in the same tenant, for the same versions of all
    documents, and never within a conversation or for a question with personal data. Kept in this
    process alone.
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
        self._entries: OrderedDict[Wall, _Entry] = OrderedDict()

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        if question.history or question.private or question.material:
            async with closing(self._inner.async_stream(question)) as events:
                async for event in events:
                    yield event
            return
        began = time.perf_counter()
        wall = await self._wall(question)
        [numbers] = await self._embedder.async_embed([question.text])
        vector = np.asarray(numbers, dtype=np.float32)
        draft = self._find(wall, vector)
        if draft is not None:
            ms = round((time.perf_counter() - began) * 1000, 3)
            again = {"usage": Usage(), "timings_ms": {"cache": ms}, "safety": ()}
            for event in _told(draft.model_copy(update=again)):
                yield event
            return
        async with closing(self._inner.async_stream(question)) as events:
            async for event in events:
                if isinstance(event, DraftEvent):
                    self._keep(wall, vector, event.draft)
                yield event

    async def _wall(self, question: Question) -> Wall:
        """What must be equal; a change that comes later makes another one."""
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

    def _find(self, wall: Wall, vector: np.ndarray) -> Draft | None:
        entry = self._entries.get(wall)
        if entry is None or entry.until < self._clock():
            return None
        if float(entry.vector @ vector) < self._settings.min_similarity:
            return None
        self._entries.move_to_end(wall)
        return entry.draft

    def _keep(self, wall: Wall, vector: np.ndarray, draft: Draft) -> None:
        """Only whole answers that say where they come from."""
        if draft.degraded or draft.finish_reason != "stop" or not draft.citations:
            return
        self._entries[wall] = _Entry(vector, draft, self._clock() + self._settings.ttl_s)
        self._entries.move_to_end(wall)
        while len(self._entries) > self._settings.entries:
            self._entries.popitem(last=False)


def _told(draft: Draft) -> list[DraftStreamEvent]:
    citations = [CitationEvent(citation=citation) for citation in draft.citations]
    return [TokenEvent(text=draft.text), *citations, DraftEvent(draft=draft)]


def _telling(text: str) -> tuple[str, ...]:
    """The words that decide what is asked, in their order."""
    told: list[str] = []
    for word in _WORD.findall(text.lower()):
        if word in _TURNING or word.endswith(("n't", "n\u2019t")):
            told.append(word)
        elif word not in STOP_WORDS:
            told += sorted(content_words(word)) or [word]
    return tuple(told)
