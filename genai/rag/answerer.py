"""Retrieval-augmented generation: find passages, decide whether they answer, let a model answer."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from genai.agents.actions import material_messages
from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt, estimate_message_tokens
from genai.errors import DeadlineExceeded
from genai.events import (
    CitationEvent,
    DraftEvent,
    DraftStreamEvent,
    RestartEvent,
    SpentEvent,
    TokenEvent,
)
from genai.language.clauses import cut_up
from genai.language.followup import Dependence, dependence
from genai.messages import (
    Certainty,
    ChatRequest,
    Chunk,
    Citation,
    Decision,
    Draft,
    FinishReason,
    Message,
    Passage,
    Question,
    Turn,
    Usage,
)
from genai.rag.answering.citations import MarkerFilter, cite, declines, mark_off
from genai.rag.answering.hedging import hedged
from genai.rag.answering.open_parts import left_open, said_of
from genai.rag.answering.quoting import nearest
from genai.rag.base import Retriever
from genai.rag.evidence.judging import UNANSWERED
from genai.rag.retrieval.search import Found, PassageSearch
from genai.rag.screening import screened
from genai.safety.base import Guard
from genai.settings.documents import RAGSettings
from genai.streams import closing

_NEAREST = 4
"""Most sentences quoted in an uncertain answer."""


@dataclass(slots=True)
class _Heard:
    """The model's answer so far."""

    model: str
    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    finish_reason: FinishReason = "stop"
    degraded: str | None = None
    safety: tuple[Decision, ...] = ()

    def take(self, chunk: Chunk) -> None:
        self.model = chunk.model or self.model
        self.usage = chunk.usage or self.usage
        self.finish_reason = chunk.finish_reason or self.finish_reason
        self.degraded = chunk.degraded or self.degraded
        self.safety += chunk.safety


class RAGAnswerer(BaseAnswerer):
    """Answers from the documents of the question's tenant, with citations.

    ``guard`` checks the passages before a model reads them. When the documents do not answer, the reply
    says so; when that is uncertain, it quotes the closest sentences. In both cases no model is asked.
    Citations of the model that are not in the passages are dropped. For a compound question, parts that
    the cited passages do not cover are named.
    """

    def __init__(
        self,
        retriever: Retriever,
        embedder: BaseEmbedder,
        llm: BaseLLM,
        prompt: BasePrompt,
        settings: RAGSettings,
        guard: Guard,
    ) -> None:
        self._search = PassageSearch(retriever, embedder, settings)
        self._guard = guard
        self._llm = llm
        self._prompt = prompt
        self._max_prompt_tokens = settings.max_prompt_tokens

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        started = time.perf_counter()
        result = await self._find(question)
        read = await screened(self._guard, result.passages, question.context)
        found = time.perf_counter()
        heard = _Heard(self._llm.name)
        if read.passages and result.certainty == "certain":
            fitting = self._fitting(question, read.passages)
            request = self._request(question, result.query, fitting)
            async with closing(self._listen(request, heard)) as events:
                async for event in events:
                    yield event
            more = said_of(left_open(question.text, heard.citations, read.passages))
            for event in _released(heard, more):
                yield event
        else:
            for event in await self._unsure(question, result.query, read.passages, heard):
                yield event
        timings = {"retrieve": _ms(started, found), "llm": _ms(found, time.perf_counter())}
        yield DraftEvent(draft=_draft(heard, timings, (*read.decisions, *heard.safety)))

    async def _unsure(
        self, question: Question, query: str, passages: Sequence[Passage], heard: _Heard
    ) -> Sequence[DraftStreamEvent]:
        """The quotes of an uncertain answer, or the reply that the documents have none."""
        evidence = await self._search.weigh(query, passages)
        quotes = nearest(evidence, most=_NEAREST) if evidence.passages else ()
        told = hedged(quotes, question.sampling.max_tokens)
        if len(told) < len(quotes):
            heard.finish_reason = "length"
        events: list[DraftStreamEvent] = []
        for chunk in told or [Chunk(text=UNANSWERED)]:
            heard.text += chunk.text
            heard.citations.extend(chunk.citations)
            events.append(TokenEvent(text=chunk.text))
            events += (CitationEvent(citation=citation) for citation in chunk.citations)
        return events

    async def _find(self, question: Question) -> Found:
        if not question.context.remaining_s():
            raise DeadlineExceeded("the request ran out of time")
        whole = await self._search.find(question)
        parts = cut_up(question.text)
        if whole.passages or len(parts) < 2:
            return whole
        return await self._find_part(question, parts, whole)

    async def _find_part(self, question: Question, parts: Sequence[str], whole: Found) -> Found:
        """For a compound question without an answer as a whole: the search result of its first
        answerable part.

        A part is understood in the context of earlier ones: *do you insure horses, and what does it
        cost?* If those found nothing, a part that refers to them is skipped.
        """
        history = question.history
        nearest = whole
        for part in parts:
            follows = part is not parts[0] and dependence(part) is Dependence.SURELY
            if follows and not nearest.passages:
                continue
            asked = question.model_copy(update={"text": part, "history": history})
            found = await self._search.find(asked)
            if found.certainty == "certain":
                return found
            nearest = nearest if nearest.passages else found
            history = (*history, Turn(role="user", content=part))
        return nearest

    def _fitting(self, question: Question, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        """The most relevant passages, as many as the prompt has room for; at least one."""
        room = self._max_prompt_tokens - estimate_message_tokens(_said_before(question))
        size = self._prompt.estimate_tokens
        while len(passages) > 1 and room < size(
            question=question.text, passages=mark_off(passages)
        ):
            passages = passages[:-1]
        return passages

    def _request(
        self, question: Question, query: str, passages: tuple[Passage, ...]
    ) -> ChatRequest:
        """The prompt, with what was said before in front of its last message."""
        *before, last = self._prompt.render(question=question.text, passages=mark_off(passages))
        return ChatRequest(
            messages=(*before, *_said_before(question), last),
            context=question.context,
            sampling=question.sampling,
            passages=passages,
            query=query,
        )

    async def _listen(self, request: ChatRequest, heard: _Heard) -> AsyncIterator[DraftStreamEvent]:
        """Streams the model's text, and its citations once they are verified."""
        markers = MarkerFilter(len(request.passages))
        async with closing(self._llm.async_stream(request)) as chunks:
            async for chunk in chunks:
                heard.take(chunk)
                if chunk.restarted:
                    heard.text, heard.citations = "", []
                    markers = MarkerFilter(len(request.passages))
                    yield RestartEvent(degraded=chunk.degraded)
                for event in _released(heard, markers.feed(chunk.text)):
                    yield event
                if chunk.spent is not None:
                    yield SpentEvent(usage=chunk.spent)
                for citation in _standing(chunk.citations, request.passages):
                    heard.citations.append(citation)
                    yield CitationEvent(citation=citation)
        for event in _released(heard, markers.feed("", final=True)):
            yield event
        if not heard.citations and not declines(heard.text):
            heard.citations.extend(cite(heard.text, request.passages))
            for citation in heard.citations:
                yield CitationEvent(citation=citation)


def _said_before(question: Question) -> list[Message]:
    """Earlier turns, and what other parts of a plan found."""
    turns = [Message(role=turn.role, content=turn.content) for turn in question.history]
    return [*turns, *material_messages(question.material)]


def _released(heard: _Heard, text: str) -> Sequence[TokenEvent]:
    heard.text += text
    return [TokenEvent(text=text)] if text else []


def _standing(citations: Sequence[Citation], passages: Sequence[Passage]) -> list[Citation]:
    """The citations whose quotes occur verbatim in a passage of their document."""
    return [
        citation
        for citation in citations
        if any(
            passage.document_id == citation.document_id and citation.quote in passage.text
            for passage in passages
        )
    ]


def _draft(heard: _Heard, timings_ms: dict[str, float], safety: tuple[Decision, ...]) -> Draft:
    return Draft(
        text=heard.text,
        route="rag",
        model=heard.model,
        certainty=_certainty(heard),
        citations=tuple(heard.citations),
        usage=heard.usage,
        finish_reason=heard.finish_reason,
        timings_ms=timings_ms,
        degraded=heard.degraded,
        safety=safety,
    )


def _certainty(heard: _Heard) -> Certainty:
    if not declines(heard.text):
        return "certain"
    return "uncertain" if heard.citations else "unknown"


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)
