"""Answers with the plain model and the conversation so far."""

import time
from collections.abc import AsyncIterator

from genai.agents.actions import material_messages
from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.events import DraftEvent, DraftStreamEvent, RestartEvent, SpentEvent, TokenEvent
from genai.messages import ChatRequest, Chunk, Decision, Draft, Message, Question, Usage
from genai.streams import closing


class ChatAnswerer(BaseAnswerer):
    def __init__(self, llm: BaseLLM, system_prompt: str) -> None:
        self._llm = llm
        self._system = Message(role="system", content=system_prompt)

    async def async_answer(self, question: Question) -> Draft:
        started = time.perf_counter()
        said = await self._llm.async_chat(self._request(question))
        return Draft(
            text=said.text,
            route="chat",
            model=said.model,
            usage=said.usage,
            finish_reason=said.finish_reason,
            timings_ms={"llm": _ms_since(started)},
            degraded=said.degraded,
            safety=said.safety,
        )

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        started = time.perf_counter()
        texts: list[str] = []
        last, degraded = Chunk(), None
        safety: tuple[Decision, ...] = ()
        async with closing(self._llm.async_stream(self._request(question))) as chunks:
            async for chunk in chunks:
                if chunk.restarted:
                    texts.clear()
                    yield RestartEvent(degraded=chunk.degraded)
                if chunk.text:
                    texts.append(chunk.text)
                    yield TokenEvent(text=chunk.text)
                if chunk.spent is not None:
                    yield SpentEvent(usage=chunk.spent)
                last, degraded = chunk, chunk.degraded or degraded
                safety += chunk.safety
        yield DraftEvent(
            draft=Draft(
                text="".join(texts),
                route="chat",
                model=last.model or self._llm.name,
                usage=last.usage or Usage(),
                finish_reason=last.finish_reason or "stop",
                timings_ms={"llm": _ms_since(started)},
                degraded=degraded,
                safety=safety,
            )
        )

    def _request(self, question: Question) -> ChatRequest:
        earlier = tuple(Message(role=turn.role, content=turn.content) for turn in question.history)
        asked = Message(role="user", content=question.text)
        return ChatRequest(
            messages=(self._system, *earlier, *material_messages(question.material), asked),
            context=question.context,
            sampling=question.sampling,
        )


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
