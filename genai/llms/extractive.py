"""An extractive model: generates nothing, but quotes the sentences of the passages that answer."""

from collections.abc import AsyncIterator, Sequence

from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_message_tokens, estimate_tokens
from genai.embeddings.cached import cached
from genai.errors import DeadlineExceeded
from genai.llms.plain_text import check_plain
from genai.llms.spent import note_spent
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, Usage
from genai.rag.answering.quoting import Quote, quoted, within
from genai.rag.evidence.judging import UNANSWERED, weigh
from genai.settings.models import ExtractiveSettings


class ExtractiveLLM(BaseLLM):
    """Answers verbatim from ``request.passages``, or declines.

    Each sentence is followed by the number of its citation. Table rows are read out with the names of
    their columns. Of the sampling parameters, only ``max_tokens`` and ``stop`` apply.
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
        """One sentence at a time, with its citation."""
        prompt = Usage(prompt_tokens=estimate_message_tokens(request.messages))
        if not request.context.remaining_s():
            late = DeadlineExceeded("the request ran out of time")
            note_spent(late, prompt)
            raise late
        check_plain(request)
        chosen = await self._choose(request)
        chunks, reason = _within(_said(chosen), request.sampling.max_tokens)
        if (end := _stop(chunks, request.sampling.stop)) is not None:
            chunks, reason = _up_to(chunks, end), "stop"
        spoken = 0
        for chunk in chunks:
            spoken += estimate_tokens(chunk.text)
            yield chunk.model_copy(update={"model": self.name})
        usage = prompt + Usage(completion_tokens=spoken)
        yield Chunk(model=self.name, finish_reason=reason, usage=usage)

    async def _choose(self, request: ChatRequest) -> Sequence[Quote]:
        """The quotes, best first; empty when the passages do not answer."""
        passages = request.passages
        question = request.query or _last_question(request)
        evidence = await weigh(
            self._embedder,
            question,
            passages,
            focus=len(passages),
            least=self._settings.sure_confidence,
        )
        if evidence.confidence < self._settings.min_confidence:
            return ()
        return quoted(evidence, most=self._settings.max_sentences)


def _last_question(request: ChatRequest) -> str:
    asked = (message.content for message in reversed(request.messages) if message.role == "user")
    return next(asked, "")


def _said(chosen: Sequence[Quote]) -> list[Chunk]:
    if not chosen:
        return [Chunk(text=UNANSWERED)]
    return [
        Chunk(
            text=f"{' ' if number > 1 else ''}{quote.spoken} [{number}]",
            citations=(quote.citation,),
        )
        for number, quote in enumerate(chosen, start=1)
    ]


def _within(chunks: list[Chunk], max_tokens: int) -> tuple[list[Chunk], FinishReason]:
    """As many sentences as fit; of the first one, as many words."""
    kept = within(chunks, max_tokens)
    if len(kept) == len(chunks):
        return kept, "stop"
    return kept or [_cut(chunks[0], max_tokens)], "length"


def _stop(chunks: list[Chunk], words: Sequence[str]) -> int | None:
    """The position of the first stop word, which may span several chunks."""
    text = "".join(chunk.text for chunk in chunks)
    return min((at for word in words if (at := text.find(word)) >= 0), default=None)


def _up_to(chunks: list[Chunk], end: int) -> list[Chunk]:
    kept = list[Chunk]()
    for chunk in chunks:
        if end > 0:
            kept.append(chunk.model_copy(update={"text": chunk.text[:end]}))
        end -= len(chunk.text)
    return kept


def _cut(chunk: Chunk, max_tokens: int) -> Chunk:
    words = chunk.text.split(" ")
    while len(words) > 1 and estimate_tokens(" ".join(words)) > max_tokens:
        words.pop()
    return chunk.model_copy(update={"text": " ".join(words)})
