"""A model that generates nothing: it quotes the sentences of the passages that answer."""

from collections.abc import AsyncIterator, Iterable

from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_message_tokens, estimate_tokens
from genai.embeddings.cached import cached
from genai.errors import DeadlineExceeded, InvalidInput
from genai.messages import ChatRequest, Chunk, Citation, Completion, FinishReason, Usage
from genai.rag.evidence import UNANSWERED, Ranked, weigh
from genai.settings import ExtractiveSettings

_MARGIN = 0.12
"""How much worse than the best one a further sentence may be."""


class ExtractiveLLM(BaseLLM):
    """Answers word for word from ``request.passages``, and says so when they do not answer.

    Every sentence is followed by the number of its citation; a row of a table is read out with the
    names of its columns. Sampling has no effect but for ``max_tokens``.
    """

    def __init__(self, name: str, settings: ExtractiveSettings, embedder: BaseEmbedder) -> None:
        self.name = name
        self._settings = settings
        self._embedder = cached(embedder)

    async def async_chat(self, request: ChatRequest) -> Completion:
        chunks = [chunk async for chunk in self.async_stream(request)]
        last = chunks[-1]
        return Completion(
            text="".join(chunk.text for chunk in chunks),
            model=self.name,
            finish_reason=last.finish_reason or "stop",
            citations=tuple(citation for chunk in chunks for citation in chunk.citations),
            usage=last.usage or Usage(),
        )

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """A sentence at a time, each with its citation."""
        _refuse_what_cannot_be_done(request)
        chosen = await self._choose(request)
        chunks, reason = _within(_said(chosen), request.sampling.max_tokens)
        spoken = 0
        for chunk in chunks:
            spoken += estimate_tokens(chunk.text)
            yield chunk.model_copy(update={"model": self.name})
        usage = Usage(prompt_tokens=_prompt_tokens(request), completion_tokens=spoken)
        yield Chunk(model=self.name, finish_reason=reason, usage=usage)

    async def _choose(self, request: ChatRequest) -> list[Ranked]:
        """The sentences to quote, best first; none when the passages do not answer."""
        passages = request.passages
        question = request.query or _last_question(request)
        evidence = await weigh(self._embedder, question, passages, focus=len(passages))
        if evidence.confidence < self._settings.min_confidence:
            return []
        enough = evidence.units[0].score - _MARGIN
        near = [ranked for ranked in evidence.units if ranked.score >= enough]
        return _distinct(near)[: self._settings.max_sentences]


def _refuse_what_cannot_be_done(request: ChatRequest) -> None:
    if not request.context.remaining_s():
        raise DeadlineExceeded("the request ran out of time")
    if request.sampling.json_schema is not None:
        raise InvalidInput("this model cannot follow a JSON schema", "response_format")
    if request.tool_choice not in ("auto", "none"):
        raise InvalidInput("this model cannot call tools", "tool_choice")


def _last_question(request: ChatRequest) -> str:
    asked = (message.content for message in reversed(request.messages) if message.role == "user")
    return next(asked, "")


def _distinct(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Without sentences that say the same in the same words."""
    by_text = {candidate.unit.text.casefold(): candidate for candidate in reversed(list(ranked))}
    return list(reversed(by_text.values()))


def _said(chosen: list[Ranked]) -> list[Chunk]:
    if not chosen:
        return [Chunk(text=UNANSWERED)]
    return [
        Chunk(
            text=f"{' ' if number > 1 else ''}{ranked.unit.text} [{number}]",
            citations=(_citation(ranked),),
        )
        for number, ranked in enumerate(chosen, start=1)
    ]


def _citation(ranked: Ranked) -> Citation:
    passage = ranked.passage
    return Citation(
        document_id=passage.document_id,
        title=passage.title,
        quote=ranked.unit.quote,
        section=passage.section,
        score=round(ranked.score, 4),
    )


def _within(chunks: list[Chunk], max_tokens: int) -> tuple[list[Chunk], FinishReason]:
    """As many whole sentences as fit; of the first one, as many words."""
    room, kept = max_tokens, list[Chunk]()
    for chunk in chunks:
        room -= estimate_tokens(chunk.text)
        if room < 0:
            return kept or [_cut(chunk, max_tokens)], "length"
        kept.append(chunk)
    return kept, "stop"


def _cut(chunk: Chunk, max_tokens: int) -> Chunk:
    words = chunk.text.split(" ")
    while len(words) > 1 and estimate_tokens(" ".join(words)) > max_tokens:
        words.pop()
    return chunk.model_copy(update={"text": " ".join(words)})


def _prompt_tokens(request: ChatRequest) -> int:
    passages = sum(estimate_tokens(passage.text) for passage in request.passages)
    return passages + estimate_message_tokens(request.messages)
