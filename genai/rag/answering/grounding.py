"""Removes statements from generated answers that the passages do not support.

stream ──▶ statements ──▶ numbers and words in the passages? ──▶ released, or dropped

A reversed negation is not detected: the words are the same.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterable

from genai.base.llm import WrappedLLM
from genai.language.numbers import numbers, supported
from genai.language.words import NUMBER_WORDS, content_words
from genai.messages import ChatRequest, Chunk, Completion
from genai.rag.evidence.judging import UNANSWERED
from genai.streams import closing

log = logging.getLogger(__name__)

SHARE = 0.5
"""The share of a statement's content words that must occur in the passages."""

_FEW = 4
"""Shorter statements are judged by their numbers only."""

_END = re.compile(r"(?:(?<=[.!?])(?:\s?\[[\d,\s]{1,20}\])*[^\S\n]+|\n+)")
_MARKER = re.compile(r"\[[\d,\s]{1,20}\]|^\s*\d{1,2}[.)]\s")
_SPELT_WORD = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)


class SupportedTerms:
    """The numbers and words that statements may use."""

    def __init__(self, texts: Iterable[str]) -> None:
        text = "\n".join(texts)
        self._numbers = numbers(text) | {NUMBER_WORDS[w.lower()] for w in _SPELT_WORD.findall(text)}
        self._words = content_words(text)

    def supports(self, statement: str) -> bool:
        said = _MARKER.sub(" ", statement)
        if not supported(said, self._numbers):
            return False
        words = content_words(said)
        return len(words) < _FEW or len(words & self._words) >= SHARE * len(words)


class GroundedLLM(WrappedLLM):
    """Drops statements that the request's passages do not support.

    Citations by the model itself are checked elsewhere. When nothing is left, the answer is that the
    documents do not say.
    """

    async def async_chat(self, request: ChatRequest) -> Completion:
        said = await self._inner.async_chat(request)
        if said.citations or not request.passages:
            return said
        grounding = _Grounding(request)
        text = grounding.feed(said.text) + grounding.rest()
        grounding.note(request)
        return said.model_copy(update={"text": text})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        grounding = _Grounding(request)
        async with closing(self._inner.async_stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.restarted:
                    grounding = _Grounding(request)
                if chunk.citations or not request.passages:
                    grounding.cited = True
                text = grounding.feed(chunk.text)
                if chunk.finish_reason is not None:
                    text += grounding.rest()
                yield chunk.model_copy(update={"text": text})
        if text := grounding.rest():
            yield Chunk(text=text)
        grounding.note(request)


class _Grounding:
    """The state of one answer. ``cited``: the model gives citations, so its text passes."""

    def __init__(self, request: ChatRequest) -> None:
        parts = [(p.title, p.section, p.lead, p.text) for p in request.passages]
        question = (request.query, request.messages[-1].content if request.messages else "")
        self._known = SupportedTerms([*(text for part in parts for text in part), *question])
        self._held = ""
        self._dropped = self._kept = 0
        self.cited = False

    def feed(self, text: str) -> str:
        """The complete and supported statements so far."""
        if self.cited:
            released, self._held = self._held + text, ""
            return released
        self._held += text
        start, kept = 0, []
        for end in _END.finditer(self._held):
            if end.end() == len(self._held) and not self._held.endswith("\n"):
                break  # a marker may follow
            kept.append(self._judged(self._held[start : end.end()]))
            start = end.end()
        self._held = self._held[start:]
        return "".join(kept)

    def rest(self) -> str:
        held, self._held = self._held, ""
        text = held if self.cited else self._judged(held)
        if self._kept or self.cited or not self._dropped:
            return text
        self._kept = 1
        return UNANSWERED

    def _judged(self, statement: str) -> str:
        if not statement.strip():
            return statement
        if self._known.supports(statement):
            self._kept += 1
            return statement
        self._dropped += 1
        return ""

    def note(self, request: ChatRequest) -> None:
        if self._dropped:
            log.warning(
                "statements left out",
                extra={"request_id": request.context.request_id, "statements": self._dropped},
            )
