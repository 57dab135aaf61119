import pytest

from genai.errors import InvalidInput
from genai.messages import DraftEvent, Route
from genai.orchestrator import Orchestrator
from tests.support.answering import FixedAnswerer, question


class FixedRouter:
    def __init__(self, route: Route) -> None:
        self._route = route
        self.asked: list[str] = []

    async def async_route(self, text: str) -> Route:
        self.asked.append(text)
        return self._route


def orchestrator(router: FixedRouter) -> Orchestrator:
    answerers = {"rag": FixedAnswerer("from documents"), "agent": FixedAnswerer("from data")}
    return Orchestrator(router, answerers)  # type: ignore[arg-type]


async def test_a_question_without_a_route_is_routed() -> None:
    draft = await orchestrator(FixedRouter("agent")).async_answer(question())

    assert (draft.route, draft.text.strip()) == ("agent", "from data")


async def test_a_question_that_chose_its_route_is_not_routed() -> None:
    router = FixedRouter("agent")

    draft = await orchestrator(router).async_answer(question(route="rag"))

    assert draft.text.strip() == "from documents"
    assert router.asked == []


async def test_the_draft_says_how_long_routing_took() -> None:
    events = [e async for e in orchestrator(FixedRouter("rag")).async_stream(question())]

    assert isinstance(events[-1], DraftEvent)
    assert events[-1].draft.timings_ms["route"] >= 0


async def test_a_route_that_is_not_configured_is_the_callers_mistake() -> None:
    with pytest.raises(InvalidInput):
        await orchestrator(FixedRouter("rag")).async_answer(question(route="chat"))
