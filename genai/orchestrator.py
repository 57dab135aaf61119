"""Routes a question to the answerer that fits it best.

Question ──▶ Router ──▶ chat   the plain model
                    ├─▶ rag    the documents
                    ├─▶ agent  databases and tools; if it finds nothing, the documents
                    └─▶ plan   several of them: for compound questions, for a route that the operator
                               mapped to a plan, or when the caller names one

Messages such as greetings get the operator's fixed reply.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from genai.base.answerer import BaseAnswerer
from genai.errors import InvalidInput
from genai.events import (
    ApprovalEvent,
    DraftEvent,
    DraftStreamEvent,
    RestartEvent,
    RouteEvent,
    SpentEvent,
    StepEvent,
    TokenEvent,
)
from genai.language.followup import Dependence, alone, dependence, fragment, joined, leant_on
from genai.language.impersonal import impersonal
from genai.language.openings import asks_whether
from genai.llms.spent import noted
from genai.messages import Draft, Question, Route, Turn, Usage
from genai.rag.answering.citations import cites
from genai.rag.answering.declining import NEITHER, unanswered, until_said
from genai.routing.base import SURE, Router
from genai.routing.compound import Compound, Part
from genai.routing.ordered import IsOrder
from genai.routing.replies import Replies
from genai.routing.replying import FixedReply
from genai.streams import closing


@dataclass(frozen=True, slots=True)
class Routed:
    """The routing decision, and the milliseconds that it took.

    ``text`` is the question with its references resolved, where that differs from what was asked.
    ``surely`` means that no other route should be tried.
    """

    route: Route
    answerer: BaseAnswerer
    ms: float
    plan: str = ""
    text: str = ""
    surely: bool = False


class _Asked(NamedTuple):
    """The decision of the router; see `Routed`."""

    route: Route
    text: str = ""
    surely: bool = False


class Orchestrator(BaseAnswerer):
    """Answers questions by route. Only those with the route ``auto`` are routed.

    If the agent was chosen and looked nothing up, the documents are asked as well, unless the question
    surely asks for a figure: then documents would only give the figure of something else. If they have
    no answer either, the agent's reply stands, because it says how to ask. There is no fallback from
    the documents to the agent.
    """

    def __init__(
        self,
        router: Router,
        answerers: Mapping[Route, BaseAnswerer],
        replies: Replies | None = None,
        *,
        compound: Compound | None = None,
        plans: Mapping[str, str] | None = None,
        ordered: IsOrder = lambda texts: False,
    ) -> None:
        """``plans`` maps routes, and ``compound``, to plans. Questions that are ``ordered``, that is,
        orders to the agent, are not split.
        """
        self._router = router
        self._answerers = answerers
        self._replies = replies or Replies(())
        self._compound = compound
        self._plans = plans or {}
        self._ordered = ordered

    async def async_answer(self, question: Question) -> Draft:
        routed = await self._route(question)
        draft = _labelled(await routed.answerer.async_answer(_on(routed, question)), routed)
        if not self._leaves_it(question, routed, draft):
            return draft
        with noted(draft.usage):
            documents = self._documents(routed)
            left = _with_what_is_left(question, draft.usage)
            found = await documents.answerer.async_answer(_on(documents, left))
        found = _labelled(found, documents)
        return _after(draft.usage, _neither(draft, found) if unanswered(found) else found)

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        routed = await self._route(question)
        if routed.route != question.route:
            yield RouteEvent(route=routed.route)
        held: list[DraftStreamEvent] = []
        holding = question.route == "auto" and routed.route == "agent"
        async with closing(_stream(routed, question)) as events:
            async for event in events:
                if isinstance(event, DraftEvent) and self._leaves_it(question, routed, event.draft):
                    break
                holding = holding and not isinstance(event, StepEvent | ApprovalEvent | DraftEvent)
                if isinstance(event, RestartEvent):
                    held.clear()
                if holding and isinstance(event, TokenEvent):
                    held.append(event)
                    continue
                if not holding:
                    for waiting in held:
                        yield waiting
                    held.clear()
                yield event
            else:
                return
        async with closing(self._after_all(question, routed, event.draft)) as events:
            async for event in events:
                yield event

    async def _after_all(
        self, question: Question, routed: Routed, draft: Draft
    ) -> AsyncIterator[DraftStreamEvent]:
        """The documents' answer instead of the agent's, or the reply that neither has one."""
        yield RouteEvent(route="rag")
        with noted(draft.usage):
            left = _with_what_is_left(question, draft.usage)
            documents = _stream(self._documents(routed), left)
            async with closing(until_said(documents)) as events:
                async for event in events:
                    if isinstance(event, DraftEvent) and unanswered(event.draft):
                        neither = _neither(draft, event.draft)
                        yield RouteEvent(route=neither.route)
                        yield TokenEvent(text=neither.text)
                        event = DraftEvent(draft=neither)
                    yield _spent_too(draft.usage, event)

    def _leaves_it(self, question: Question, routed: Routed, draft: Draft) -> bool:
        """Whether the agent found nothing and the documents should be asked."""
        return (
            question.route == "auto"
            and draft.route == "agent"
            and not routed.surely
            and not draft.steps
            and draft.approval is None
            and "rag" in self._answerers
            and question.context.remaining_s() > 0
        )

    def _documents(self, routed: Routed) -> Routed:
        return Routed("rag", self._answerers["rag"], routed.ms, text=routed.text)

    async def _route(self, question: Question) -> Routed:
        started = time.perf_counter()
        asked = _Asked(question.route)
        plan = question.plan
        if question.route == "auto" and not plan:
            reply = self._replies.find(question.text)
            if reply is not None:
                return Routed("chat", FixedReply(reply), (time.perf_counter() - started) * 1000)
            ordered = self._ordered([*_said(question.history), question.text])
            parts = () if ordered else await self._parts(question)
            if ordered:
                asked = _Asked("agent", surely=True)
            elif len(parts) > 1:
                plan = self._plans["compound"]
            elif parts:
                asked = _Asked(parts[0].route, surely=parts[0].surely)
            else:
                asked = await self._route_in_context(question)
            if self._stays(question, asked):
                asked = _Asked("rag")
        plan = plan or self._plans.get(asked.route, "")
        route: Route = "plan" if plan else asked.route
        if route not in self._answerers:
            raise InvalidInput(f"the route {route} is not configured", "route")
        ms = (time.perf_counter() - started) * 1000
        return Routed(route, self._answerers[route], ms, plan, asked.text, asked.surely)

    async def _route_in_context(self, question: Question) -> _Asked:
        """Routes a follow-up with its context: *and in Lisbon?* does not say what it is about.

        When the agent was not involved so far, it gets the question with its references resolved.
        Otherwise it knows better than a rewritten question what is meant: which customers, and in which
        year.
        """
        text, history = question.text, question.history
        if dependence(text) is Dependence.NOT:
            return await self._judged(text)
        full = alone(text, history)
        if full == text and fragment(text) and history:
            return await self._like_before(history)
        if full == text:
            return await self._judged(joined(text, history))
        asked = await self._judged(full)
        if asked.route != "agent" or (await self._judged(leant_on(history))).route == "agent":
            return asked
        return asked._replace(text=full)

    async def _like_before(self, history: Sequence[Turn]) -> _Asked:
        """A fragment such as *and in Lisbon?* takes the route of the question before. After a figure,
        the documents are not tried.
        """
        asked = await self._judged(leant_on(history))
        told = _told(history)
        return asked._replace(surely=asked.surely or (bool(told) and not cites(told)))

    def _stays(self, question: Question, asked: _Asked) -> bool:
        """Whether an uncertain yes-no question after an answer from documents stays with the documents:
        *is there interest on the balance?*
        """
        unsure = asked.route == "agent" and not asked.surely and "rag" in self._answerers
        return unsure and asks_whether(question.text) and cites(_told(question.history))

    async def _judged(self, text: str) -> _Asked:
        """The router's decision. Personal data is removed first: it does not help to route."""
        [(route, confidence)] = await self._router.async_judge([impersonal(text)])
        return _Asked(route, surely=confidence >= SURE)

    async def _parts(self, question: Question) -> Sequence[Part]:
        """The parts of a compound question; empty where no plan handles those."""
        if not self._plans.get("compound") or self._compound is None:
            return ()
        return await self._compound.async_parts(question.text)


async def _stream(routed: Routed, question: Question) -> AsyncIterator[DraftStreamEvent]:
    async with closing(routed.answerer.async_stream(_on(routed, question))) as events:
        async for event in events:
            if isinstance(event, DraftEvent):
                yield DraftEvent(draft=_labelled(event.draft, routed))
            else:
                yield event


def _told(history: Sequence[Turn]) -> str:
    """The last answer of the assistant."""
    return next((turn.content for turn in reversed(history) if turn.role == "assistant"), "")


def _said(history: Sequence[Turn]) -> list[str]:
    return [turn.content for turn in history if turn.role == "user"]


def _on(routed: Routed, question: Question) -> Question:
    """The question for the chosen answerer. The route is in its context, because checks depend on it."""
    context = question.context.model_copy(update={"route": routed.route})
    asked = {"text": routed.text or question.text, "plan": routed.plan}
    return question.model_copy(update={"context": context, **asked})


def _labelled(draft: Draft, routed: Routed) -> Draft:
    timings = {"route": round(routed.ms, 3), **draft.timings_ms}
    return draft.model_copy(update={"route": routed.route, "timings_ms": timings})


def _with_what_is_left(question: Question, usage: Usage) -> Question:
    return question.model_copy(update={"context": question.context.less(usage.cost_micro_usd)})


def _neither(agent: Draft, documents: Draft) -> Draft:
    """The agent's reply, which says how to ask, followed by a note that the documents have no answer."""
    text = f"{agent.text.strip()} {NEITHER}"
    timings = {**documents.timings_ms, **agent.timings_ms}
    spent = {"usage": documents.usage, "safety": (*agent.safety, *documents.safety)}
    said = {"text": text, "certainty": documents.certainty, "timings_ms": timings}
    return agent.model_copy(update=said | spent)


def _spent_too(usage: Usage, event: DraftStreamEvent) -> DraftStreamEvent:
    """The event with earlier usage added."""
    match event:
        case SpentEvent():
            return SpentEvent(usage=usage + event.usage)
        case DraftEvent():
            return DraftEvent(draft=_after(usage, event.draft))
        case _:
            return event


def _after(usage: Usage, draft: Draft) -> Draft:
    return draft.model_copy(update={"usage": usage + draft.usage})
