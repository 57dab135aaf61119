"""Sends a question to the answerer that fits it best.

Question ──▶ Router ──▶ chat   the plain model
                    ├─▶ rag    the documents
                    └─▶ agent  the databases and tools
"""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from genai.base.answerer import BaseAnswerer
from genai.errors import InvalidInput
from genai.messages import Draft, DraftEvent, DraftStreamEvent, Question, Route
from genai.routing.base import Router
from genai.streams import closing


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a question goes, and after how many milliseconds of thought."""

    route: Route
    answerer: BaseAnswerer
    ms: float


class Orchestrator(BaseAnswerer):
    """Answers by route. Only questions that ask for ``auto`` are routed; the rest chose already."""

    def __init__(self, router: Router, answerers: Mapping[Route, BaseAnswerer]) -> None:
        self._router = router
        self._answerers = answerers

    async def async_answer(self, question: Question) -> Draft:
        routed = await self._route(question)
        draft = await routed.answerer.async_answer(question)
        return _labelled(draft, routed)

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        routed = await self._route(question)
        async with closing(routed.answerer.async_stream(question)) as events:
            async for event in events:
                if isinstance(event, DraftEvent):
                    yield DraftEvent(draft=_labelled(event.draft, routed))
                else:
                    yield event

    async def _route(self, question: Question) -> Routed:
        started = time.perf_counter()
        route = question.route
        if route == "auto":
            route = await self._router.async_route(question.text)
        if route not in self._answerers:
            raise InvalidInput(f"the route {route} is not configured", "route")
        return Routed(route, self._answerers[route], (time.perf_counter() - started) * 1000)


def _labelled(draft: Draft, routed: Routed) -> Draft:
    timings = {"route": round(routed.ms, 3), **draft.timings_ms}
    return draft.model_copy(update={"route": routed.route, "timings_ms": timings})
