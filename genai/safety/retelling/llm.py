"""Prevents a manipulated model from disclosing in disguise the data that it has read.

    passages, tool results ──▶ personal data in them ──▶ searched for in all output of the model:
                                                         in pieces, in words, backwards, encoded

Data in its plain form is left to the checks of answers and of tool arguments.
"""

import time
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache

from genai.base.llm import BaseLLM, WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion, Decision, Message
from genai.safety.identifiers import Identifiers
from genai.safety.json_values import JSONValues
from genai.safety.retelling.detector import RETELLING, DisguiseDetector
from genai.safety.retelling.forms import Datum
from genai.safety.retelling.known import KnownData
from genai.streams import closing

_REMEMBERED = 512


class DiscreetLLM(WrappedLLM):
    """Redacts disguised personal data, which the model has read, from its output.

    ``entities`` are the kinds to redact. Tool calls are checked once the answer is complete.
    """

    def __init__(self, inner: BaseLLM, entities: Sequence[str]) -> None:
        super().__init__(inner)
        self._identifiers = Identifiers(entities)
        self._data_in = lru_cache(maxsize=_REMEMBERED)(self._find)
        self._known = lru_cache(maxsize=_REMEMBERED)(KnownData)

    async def async_chat(self, request: ChatRequest) -> Completion:
        said = await self._inner.async_chat(request)
        known = self._read_in(request.messages)
        if not known.forms:
            return said
        answer = _Answer(known)
        text = answer.feed(said.text) + answer.rest()
        calls = []
        for call in said.tool_calls:
            answer.begin()
            checked = answer.feed(call.arguments) + answer.rest()
            calls.append(call.model_copy(update={"arguments": checked}))
        safety = (*said.safety, *answer.decided())
        return said.model_copy(update={"text": text, "tool_calls": tuple(calls), "safety": safety})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        answer = _Answer(self._read_in(request.messages))
        async with closing(self._inner.async_stream(request)) as chunks:
            async for chunk in chunks:
                yield answer.released(chunk)
        if text := answer.rest():
            yield Chunk(text=text, safety=answer.decided())

    def _read_in(self, messages: Sequence[Message]) -> KnownData:
        data = dict.fromkeys(datum for m in messages for datum in self._data_in(m.content))
        return self._known(tuple(data))

    def _find(self, text: str) -> tuple[Datum, ...]:
        found = self._identifiers.find(text)
        return tuple(dict.fromkeys(Datum(kind, text[start:end]) for start, end, kind in found))


class _Answer:
    """An answer, or separate parts of it."""

    def __init__(self, known: KnownData) -> None:
        self._forms = known
        self._disclosed: list[str] = []
        self._seconds = 0.0
        self.begin()

    def begin(self) -> None:
        """Starts another text, because the last one is void or complete."""
        self._watch, self._values = DisguiseDetector(self._forms), JSONValues()

    def released(self, chunk: Chunk) -> Chunk:
        """The releasable part of the answer; everything with the last part."""
        if not self._forms.forms:
            return chunk
        if chunk.restarted:
            self.begin()
        text = self.feed(chunk.text)
        if chunk.finish_reason is None:
            return chunk.model_copy(update={"text": text})
        text += self.rest()
        return chunk.model_copy(update={"text": text, "safety": (*chunk.safety, *self.decided())})

    def feed(self, text: str) -> str:
        began = time.perf_counter()
        shown = self._watch.feed(text)
        self._seconds += time.perf_counter() - began
        return self._values.feed(shown)

    def rest(self) -> str:
        """The text that was held back; empty on the second call."""
        shown = self._values.feed(self._watch.rest()) + self._values.rest()
        self._disclosed += [datum.entity for datum in self._watch.disclosed]
        self.begin()
        return shown

    def decided(self) -> tuple[Decision, ...]:
        if not self._forms.forms:
            return ()
        told, ms = self._disclosed, self._seconds * 1000
        if not told:
            return (Decision(check=RETELLING, stage="output", action="allow", ms=ms),)
        return (
            Decision(
                check=RETELLING, stage="output", action="redact", rule=told[0], score=1.0, ms=ms
            ),
        )
