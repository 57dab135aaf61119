"""Plans over scripted answerers with given durations, costs and outcomes."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool
from genai.errors import BudgetExceeded, GenAIError
from genai.events import (
    CitationEvent,
    DraftEvent,
    DraftStreamEvent,
    SpentEvent,
    StepEvent,
    TokenEvent,
)
from genai.llms.spent import note_spent
from genai.messages import Citation, Draft, Question, RequestContext, Route, Step, Usage
from genai.observability.tracing import NoTracer, Tracer
from genai.plans.answerer import PlanAnswerer
from genai.plans.resources import PlanResources
from genai.prompts.template import load_prompt
from genai.reliability.backoff import Backoff
from genai.routing.base import Judgement
from genai.routing.compound import Compound
from genai.runs.approval_requester import ApprovalRequester
from genai.safety.base import Guard
from genai.settings.plans import PlanSettings
from tests.support.answering import WordGuard
from tests.support.language_models import FlakyLLM


@dataclass
class Part:
    """The behaviour for one question. The first calls raise ``errors``; it pauses for ``lingers`` seconds
    after the first words.
    """

    text: str = ""
    seconds: float = 0.0
    lingers: float = 0.0
    steps: int = 0
    quotes: Sequence[str] = ()
    cost: int = 0
    errors: list[GenAIError] = field(default_factory=list)
    spent_at_failure: int = 0


def usage(micro_usd: int) -> Usage:
    return Usage(prompt_tokens=micro_usd, cost_micro_usd=micro_usd) if micro_usd else Usage()


class ScriptedAnswerer(BaseAnswerer):
    """Answers a question by the part with that text, and repeats unknown questions.

    ``running``, ``began`` and ``ended`` record the calls in order. It refuses to exceed its allowance;
    ``paid`` is its total cost.
    """

    def __init__(self, route: Route, parts: Mapping[str, Part]) -> None:
        self.route = route
        self.parts = parts
        self.asked: list[Question] = []
        self.running: set[str] = set()
        self.most_at_once = 0
        self.began: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self.paid = 0

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        part = self.parts.get(question.text) or Part(text=f"{question.text}!")
        self._begin(question)
        try:
            async for event in self._events(question, part):
                yield event
            self.ended.append(question.text)
        except asyncio.CancelledError:
            self.cancelled.append(question.text)
            raise
        finally:
            self.running.discard(question.place)

    def _begin(self, question: Question) -> None:
        self.asked.append(question)
        self.began.append(question.text)
        self.running.add(question.place)
        self.most_at_once = max(self.most_at_once, len(self.running))

    async def _events(self, question: Question, part: Part) -> AsyncIterator[DraftStreamEvent]:
        allowance = question.context.allowance_micro_usd
        await asyncio.sleep(part.seconds)
        if part.errors:
            error = part.errors.pop(0)
            self.paid += part.spent_at_failure
            note_spent(error, usage(part.spent_at_failure))
            raise error
        if allowance is not None and part.cost > allowance:
            raise BudgetExceeded("the budget does not cover this", 1.0)
        self.paid += part.cost
        yield SpentEvent(usage=usage(part.cost))
        steps = tuple(
            Step(tool="look", arguments=f"{number}", observation=question.text, seconds=0.1)
            for number in range(part.steps)
        )
        for step in steps:
            yield StepEvent(step=step)
        yield TokenEvent(text=part.text or f"{question.text}!")
        await asyncio.sleep(part.lingers)
        citations = tuple(
            Citation(document_id=quote, title=quote, quote=quote) for quote in part.quotes
        )
        for citation in citations:
            yield CitationEvent(citation=citation)
        yield DraftEvent(
            draft=Draft(
                text=part.text or f"{question.text}!",
                route=self.route,
                model=f"m-{self.route}",
                steps=steps,
                citations=citations,
                usage=usage(part.cost),
            )
        )


class WordJudge:
    """Confident about questions that contain a word of a route."""

    def __init__(self, confidence: float = 0.5, **words: Route) -> None:
        self._confidence = confidence
        self._words = words or {"many": "agent", "cost": "rag"}

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        return [self._judged(text) for text in texts]

    def _judged(self, text: str) -> Judgement:
        found = next((route for word, route in self._words.items() if word in text), None)
        return Judgement(found, self._confidence) if found else Judgement("rag", 0.0)


@dataclass
class Stage:
    """A plan with its answerers."""

    plan: PlanSettings
    parts: dict[str, Part] = field(default_factory=dict)
    guard: Guard = field(default_factory=WordGuard)
    writer: BaseLLM = field(default_factory=FlakyLLM)
    models: Mapping[str, BaseLLM] = field(default_factory=dict)
    tools: Mapping[str, BaseTool] = field(default_factory=dict)
    requester: ApprovalRequester | None = None
    tracer: Tracer = field(default_factory=NoTracer)
    paid: frozenset[str] = frozenset({"rag", "agent", "chat"})
    acting: BaseAnswerer | None = None
    confidence: float = 0.5

    def __post_init__(self) -> None:
        """``acting`` is a real agent in place of the scripted one."""
        self.rag = ScriptedAnswerer("rag", self.parts)
        self.agent = ScriptedAnswerer("agent", self.parts)
        self.chat = ScriptedAnswerer("chat", self.parts)
        self.answerer = PlanAnswerer({"plan": self.plan}, self.resources())

    def resources(self) -> PlanResources:
        return PlanResources(
            answerers={"rag": self.rag, "agent": self.acting or self.agent, "chat": self.chat},
            compound=Compound(WordJudge(self.confidence)),
            guard=lambda: self.guard,
            tracer=self.tracer,
            backoff=Backoff(0.001, 0.001),
            writer=self.writer,
            merging=load_prompt("merge"),
            delegating=load_prompt("delegate"),
            models=self.models,
            tools=self.tools,
            requester=self.requester,
            paid=self.paid,
            changes=self.requester is not None,
        )

    @property
    def paid_out(self) -> int:
        return self.rag.paid + self.agent.paid + self.chat.paid

    async def events(self, asked: Question) -> list[DraftStreamEvent]:
        return [event async for event in self.answerer.async_stream(asked)]

    async def draft(self, asked: Question | None = None) -> Draft:
        return await self.answerer.async_answer(asked or a_question())


def a_plan(*, timeout_s: float = 30.0, **nodes: dict[str, Any]) -> PlanSettings:
    """A plan that starts at the node ``start``."""
    return PlanSettings.model_validate({"start": "start", "nodes": nodes, "timeout_s": timeout_s})


def ask(text: str = "{question}", route: str = "rag", **more: Any) -> dict[str, Any]:
    return {"node": "ask", "route": route, "question": text, **more}


def parallel(*branches: str, **more: Any) -> dict[str, Any]:
    return {"node": "parallel", "branches": list(branches), **more}


def sequence(*steps: str, **more: Any) -> dict[str, Any]:
    return {"node": "sequence", "steps": list(steps), **more}


def a_question(
    text: str = "what?", *, seconds: float = 30.0, allowance: int | None = None, **more: Any
) -> Question:
    context = RequestContext(
        request_id="req-1",
        tenant="bank",
        user="ann",
        deadline=time.time() + seconds,
        allowance_micro_usd=allowance,
        roles=("user",),
    )
    return Question(text=text, context=context, plan="plan", run_id="run-1", **more)


def tokens(events: Sequence[DraftStreamEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TokenEvent))


def others_running() -> set[str]:
    """Names of the other tasks of this loop."""
    return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}
