"""The product: check the question, answer it, check the answer.

    Question ──▶ input check ──▶ orchestrator ──▶ output check ──▶ Answer
                 and memory      (RAG, agent, model)      and memory

Nothing that the orchestrator produces reaches the caller before the output check, not even in a stream.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

from genai.base.answerer import BaseAnswerer
from genai.base.memory import BaseMemory
from genai.base.prompt import estimate_tokens
from genai.base.vault import Vault
from genai.errors import StoreUnavailable
from genai.events import AnswerEvent, DoneEvent, DraftEvent, RouteEvent, SpentEvent
from genai.llms.spent import noted
from genai.messages import Answer, Decision, Draft, Question, Turn
from genai.meter import Meter
from genai.safety.base import Guard
from genai.safety.gate import Gate
from genai.safety.placeholders import Placeholders
from genai.streams import closing
from genai.traffic.exchange import ExchangeSink, RecordedExchange


class Assistant:
    """Answers questions. Raises `ContentRefused` when a check blocks the question or the answer."""

    def __init__(
        self,
        guard: Guard,
        orchestrator: BaseAnswerer,
        memory: BaseMemory,
        *,
        history_tokens: int,
        vault: Vault | None = None,
        exchanges: ExchangeSink | None = None,
    ) -> None:
        self._guard = guard
        self._orchestrator = orchestrator
        self._memory = memory
        self._history_tokens = history_tokens
        self._vault = vault
        self._exchanges = exchanges

    async def async_answer(self, question: Question) -> Answer:
        gate = self._gate(question)
        admitted = await self._admit(question, gate)
        draft = await self._orchestrator.async_answer(admitted)
        with noted(draft.usage):
            released = await gate.release_draft(draft)
            return await self._remember(admitted, released, gate)

    async def async_stream(
        self,
        question: Question,
        meter: Meter | None = None,
        *,
        input_decisions: Sequence[Decision] | None = None,
    ) -> AsyncIterator[AnswerEvent]:
        """The events of an answer; the last is a `DoneEvent`. Close the iterator to stop the work.

        ``meter`` is kept up to date with the usage. ``input_decisions`` are those of `async_admit` for
        a question that already passed it: then it is not checked again.
        """
        gate = self._gate(question, meter)
        if input_decisions is None:
            question = await self._admit(question, gate)
        else:
            gate.decisions.extend(input_decisions)
            await gate.placeholders.async_load()
        async with (
            closing(self._orchestrator.async_stream(question)) as drafted,
            closing(gate.release_events(drafted)) as released,
        ):
            async for event in released:
                if isinstance(event, DraftEvent):
                    answer = await self._remember(question, event.draft, gate)
                    yield DoneEvent(answer=answer)
                elif not isinstance(event, SpentEvent | RouteEvent):
                    yield event

    async def async_admit(self, question: Question) -> tuple[Question, tuple[Decision, ...]]:
        """The checked question, as it may be stored, and the decisions of the checks."""
        gate = self._gate(question)
        admitted = await self._admit(question, gate)
        return admitted, tuple(gate.decisions)

    def _gate(self, question: Question, meter: Meter | None = None) -> Gate:
        placeholders = Placeholders(
            question.context, question.session_id, self._vault, begins=question.begins
        )
        gate = Gate(self._guard, question.context, meter, placeholders)
        gate.on_route(question.route)
        return gate

    async def _admit(self, question: Question, gate: Gate) -> Question:
        """The question for the orchestrator: checked, with the earlier turns of its session.

        A history that the caller sends along is checked, too. The answer may repeat the caller's links.
        """
        said = (question.text, *(turn.content for turn in question.history))
        (text, *earlier), recalled = await asyncio.gather(
            gate.admit_all(said), self._recall(question)
        )
        given = tuple(
            turn.model_copy(update={"content": content})
            for turn, content in zip(question.history, earlier, strict=True)
        )
        said_before = (turn.content for turn in given or recalled if turn.role == "user")
        gate.placeholders.learn_links((text, *said_before))
        private = dict(gate.placeholders.data)
        return question.model_copy(
            update={
                "text": text,
                "history": given or recalled,
                "private": private,
                "run_id": question.run_id or f"run_{uuid4().hex}",
            }
        )

    async def _recall(self, question: Question) -> tuple[Turn, ...]:
        if question.session_id is None or question.begins or question.history:
            return ()
        context = question.context
        return await self._memory.async_retrieve(
            context.tenant, context.user, question.session_id, max_tokens=self._history_tokens
        )

    async def _remember(self, question: Question, draft: Draft, gate: Gate) -> Answer:
        """Store the checked turns, then build the answer.

        Only the answer itself has the caller's personal data in place of placeholders. An answer that
        waits for an approval is not stored yet.
        """
        session_id = await self._stored(question, draft)
        answer_id = f"ans_{uuid4().hex}"
        if self._exchanges is not None and draft.approval is None:
            self._exchanges.keep(question.context, _exchange(answer_id, question, draft))
        return Answer(
            **dict(gate.restored(draft)) | {"safety": tuple(gate.decisions)},
            id=answer_id,
            session_id=session_id,
        )

    async def _stored(self, question: Question, draft: Draft) -> str | None:
        """Store the turns; returns the session id.

        If the store is down, a session that the caller named is an error. For a new session, the answer
        is given without one.
        """
        context, session_id = question.context, question.session_id
        if session_id is None:
            return None
        if draft.approval is not None:
            self._memory.hold(context.tenant, context.user, session_id)
            return session_id
        turns = (_turn("user", question.text), _turn("assistant", draft.text))
        try:
            await self._memory.async_store(context.tenant, context.user, session_id, turns)
        except StoreUnavailable:
            if not question.begins:
                raise
            return None
        return session_id


def _exchange(answer_id: str, question: Question, draft: Draft) -> RecordedExchange:
    return RecordedExchange(
        answer_id=answer_id,
        session_id=question.session_id or "",
        question=question.text,
        answer=draft.text,
        model=draft.model,
        at=time.time(),
    )


def _turn(role: str, content: str) -> Turn:
    return Turn(role=role, content=content, tokens=estimate_tokens(content), at=time.time())
