from collections.abc import Sequence

import pytest

from genai.errors import InvalidInput
from genai.events import DraftEvent, RouteEvent, TokenEvent
from genai.messages import Citation, Question, Route, Step, Turn, Usage
from genai.orchestrator import Orchestrator
from genai.rag.answering.citations import UNCERTAIN
from genai.rag.answering.declining import NEITHER
from genai.routing.base import SURE, Judgement
from genai.routing.compound import Compound
from genai.routing.replies import Replies
from genai.settings.answering import ReplySettings
from tests.support.answering import FixedAnswerer, question


class FixedRouter:
    def __init__(self, route: Route, confidence: float = 0.5) -> None:
        self._judged = Judgement(route, confidence)
        self.asked: list[str] = []

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        self.asked += texts
        return [self._judged for _ in texts]


LOOKED_UP = Step(tool="sql", arguments="{}", observation="n\n7", seconds=0.1)


def orchestrator(router: FixedRouter, *steps: Step) -> Orchestrator:
    agent = FixedAnswerer("from data", "agent", steps=steps)
    answerers = {"rag": FixedAnswerer("from documents"), "agent": agent}
    return Orchestrator(router, answerers)  # type: ignore[arg-type]


async def test_a_question_without_a_route_is_routed() -> None:
    draft = await orchestrator(FixedRouter("agent"), LOOKED_UP).async_answer(question())

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


async def test_where_the_agent_looked_nothing_up_the_documents_answer() -> None:
    draft = await orchestrator(FixedRouter("agent")).async_answer(question())

    assert (draft.route, draft.text.strip()) == ("rag", "from documents")


async def test_a_stream_shows_nothing_of_an_agent_that_gave_up() -> None:
    events = [e async for e in orchestrator(FixedRouter("agent")).async_stream(question())]

    assert "".join(e.text for e in events if isinstance(e, TokenEvent)) == "from documents "
    assert [e.draft.route for e in events if isinstance(e, DraftEvent)] == ["rag"]


async def test_a_stream_of_an_agent_that_looked_it_up_is_shown_whole() -> None:
    asked = orchestrator(FixedRouter("agent"), LOOKED_UP)

    events = [e async for e in asked.async_stream(question())]

    assert [e.type for e in events] == ["route", "step", "token", "token", "draft"]
    assert isinstance(events[-1], DraftEvent)
    assert (events[-1].draft.route, events[-1].draft.text) == ("agent", "from data ")


async def test_who_chose_the_agent_gets_its_own_refusal() -> None:
    draft = await orchestrator(FixedRouter("rag")).async_answer(question(route="agent"))

    assert (draft.route, draft.text.strip()) == ("agent", "from data")


async def test_what_the_documents_do_not_say_is_not_asked_of_the_agent() -> None:
    agent = FixedAnswerer("from data", "agent", steps=[LOOKED_UP])
    answerers = {"rag": FixedAnswerer("not in the documents"), "agent": agent}

    await Orchestrator(FixedRouter("rag"), answerers).async_answer(question())  # type: ignore[arg-type]

    assert agent.asked == []


async def test_a_greeting_gets_the_reply_to_it_and_nobody_is_asked() -> None:
    router = FixedRouter("rag")
    replies = Replies([ReplySettings(to=("hello",), reply="Hello to you.")])
    asked = Orchestrator(router, {"rag": FixedAnswerer("from documents")}, replies)

    draft = await asked.async_answer(question().model_copy(update={"text": "Hello!"}))

    assert (draft.text, draft.route) == ("Hello to you.", "chat")
    assert router.asked == []


async def test_who_chose_a_route_gets_no_reply_but_an_answer() -> None:
    replies = Replies([ReplySettings(to=("hello",), reply="Hello to you.")])
    asked = Orchestrator(FixedRouter("rag"), {"rag": FixedAnswerer("from documents")}, replies)

    draft = await asked.async_answer(question(route="rag").model_copy(update={"text": "Hello!"}))

    assert draft.text.strip() == "from documents"


async def test_a_follow_up_is_routed_with_the_question_that_it_leans_on() -> None:
    router = FixedRouter("rag")
    before = Turn(role="user", content="How many customers live in Porto?")
    asked = question().model_copy(update={"text": "And in Lisbon?", "history": (before,)})

    await orchestrator(router).async_answer(asked)

    assert router.asked == ["How many customers live in Porto?"]


async def test_a_short_question_is_routed_together_with_the_one_before() -> None:
    router = FixedRouter("rag")

    await orchestrator(router).async_answer(after("What is the limit?", FEE))

    assert router.asked == [f"{FEE.content} What is the limit?"]


@pytest.mark.parametrize(("told", "route"), [("There are 7.", "agent"), ("It is free. [1]", "rag")])
async def test_what_changes_a_figure_is_looked_for_in_documents_only_after_these_spoke(
    told: str, route: Route
) -> None:
    asked = after("And in Lisbon?", PORTO, Turn(role="assistant", content=told))

    assert (await orchestrator(FixedRouter("agent")).async_answer(asked)).route == route


@pytest.mark.parametrize(
    ("text", "told", "route"),
    [
        ("Is there interest on the balance?", "It costs 9 euros. [1]", "rag"),
        ("And does it earn interest?", "It costs 9 euros. [1]", "rag"),
        ("How many customers have a loan?", "It costs 9 euros. [1]", "agent"),
        ("Is there interest on the balance?", "There are 7.", "agent"),
    ],
)
async def test_who_asks_whether_after_documents_spoke_asks_these_again(
    text: str, told: str, route: Route
) -> None:
    asked = after(text, FEE, Turn(role="assistant", content=told))
    agent = FixedAnswerer("from data", "agent", steps=[LOOKED_UP])
    answerers = {"rag": FixedAnswerer("from documents"), "agent": agent}
    unsure = Orchestrator(FixedRouter("agent"), answerers)  # type: ignore[arg-type]

    assert (await unsure.async_answer(asked)).route == route


async def test_a_question_that_stands_alone_is_routed_alone() -> None:
    router = FixedRouter("rag")
    before = Turn(role="user", content="How many customers live in Porto?")
    asked = question().model_copy(
        update={"text": "How do I close a savings account?", "history": (before,)}
    )

    await orchestrator(router).async_answer(asked)

    assert router.asked == ["How do I close a savings account?"]


PORTO = Turn(role="user", content="How many customers live in Porto?")
FEE = Turn(role="user", content="What is the fee for a foreign transfer?")
UNANSWERED = "I don't know: nothing says that."


class WordRouter(FixedRouter):
    """Routes counting questions to the agent."""

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        self.asked += texts
        counting = ["many" in text for text in texts]
        return [Judgement("agent" if many else "rag", 0.5) for many in counting]


def after(text: str, *turns: Turn) -> Question:
    return question().model_copy(update={"text": text, "history": turns})


async def test_an_agent_who_is_new_to_the_conversation_is_told_in_full() -> None:
    agent = FixedAnswerer("from data", "agent", steps=[LOOKED_UP])
    answerers = {"rag": FixedAnswerer("from documents"), "agent": agent}
    asked = Orchestrator(WordRouter("rag"), answerers)  # type: ignore[arg-type]

    await asked.async_answer(after("And how many did we have last month?", FEE))

    assert agent.asked[0].text == "And how many foreign transfers did we have last month?"


async def test_an_agent_who_knows_which_customers_are_meant_is_asked_as_it_was_said() -> None:
    agent = FixedAnswerer("from data", "agent", steps=[LOOKED_UP])
    answerers = {"rag": FixedAnswerer("from documents"), "agent": agent}
    asked = Orchestrator(WordRouter("rag"), answerers)  # type: ignore[arg-type]

    await asked.async_answer(after("And how many of them are premium?", PORTO))

    assert agent.asked[0].text == "And how many of them are premium?"
    assert agent.asked[0].history == (PORTO,)


async def test_a_rule_after_a_figure_is_routed_by_what_it_asks_itself() -> None:
    router = WordRouter("rag")
    loans = Turn(role="user", content="How many loans exist?")

    draft = await orchestrator(router).async_answer(after("What do they cost?", loans))

    assert router.asked == ["What do loans cost?"]
    assert draft.route == "rag"


def declining(router: FixedRouter) -> Orchestrator:
    agent = FixedAnswerer("No number. Ask so.", "agent")
    answerers = {"rag": FixedAnswerer(UNANSWERED), "agent": agent}
    return Orchestrator(router, answerers)  # type: ignore[arg-type]


async def test_where_the_documents_know_nothing_either_the_agent_says_how_to_ask() -> None:
    draft = await declining(FixedRouter("agent")).async_answer(question())

    assert draft.route == "agent"
    assert draft.text == f"No number. Ask so. {NEITHER}"


async def test_a_stream_ends_with_the_same_admission_and_no_other() -> None:
    events = [e async for e in declining(FixedRouter("agent")).async_stream(question())]

    text = "".join(e.text for e in events if isinstance(e, TokenEvent))
    assert isinstance(events[-1], DraftEvent)
    assert events[-1].draft.text == text == f"No number. Ask so. {NEITHER}"
    assert [e.route for e in events if isinstance(e, RouteEvent)] == ["agent", "rag", "agent"]


async def test_the_nearest_that_documents_say_is_told_in_place_of_an_agent() -> None:
    nearest = f"{UNCERTAIN} The nearest that they say, in \u201cFees\u201d: It is free. [1]"
    cited = Citation(document_id="fees", title="Fees", quote="It is free.")
    agent = FixedAnswerer("No number. Ask so.", "agent")
    answerers = {"rag": FixedAnswerer(nearest, citations=[cited]), "agent": agent}
    asked = Orchestrator(FixedRouter("agent"), answerers)  # type: ignore[arg-type]

    draft = await asked.async_answer(question())
    events = [e async for e in asked.async_stream(question())]

    assert (draft.route, draft.text.strip(), draft.citations) == ("rag", nearest, (cited,))
    assert "".join(e.text for e in events if isinstance(e, TokenEvent)).strip() == nearest


async def test_a_figure_that_surely_is_one_is_not_looked_for_in_documents() -> None:
    documents = FixedAnswerer("The fee is 8 euros.")
    answerers = {"rag": documents, "agent": FixedAnswerer("No number.", "agent")}

    draft = await Orchestrator(FixedRouter("agent", SURE), answerers).async_answer(question())  # type: ignore[arg-type]

    assert (draft.route, draft.text.strip()) == ("agent", "No number.")
    assert documents.asked == []


async def test_both_who_were_asked_in_vain_are_paid() -> None:
    answerers = {"rag": Paid(UNANSWERED, "rag", 5), "agent": Paid("No number.", "agent", 7)}
    asked = Orchestrator(FixedRouter("agent"), answerers)  # type: ignore[arg-type]

    events = [e async for e in asked.async_stream(question())]

    assert (await asked.async_answer(question())).usage.cost_micro_usd == 12
    assert isinstance(events[-1], DraftEvent)
    assert events[-1].draft.usage.cost_micro_usd == 12


class Paid(FixedAnswerer):
    def __init__(self, text: str, route: Route, cost: int) -> None:
        super().__init__(text, route)
        self._draft = self._draft.model_copy(update={"usage": Usage(cost_micro_usd=cost)})


async def test_personal_data_has_no_say_in_the_route() -> None:
    router = FixedRouter("rag")
    asked = question().model_copy(
        update={"text": "I am <PERSON_1_kqzvt> (<IBAN_CODE_1_kqzvt>), how do I dispute a payment?"}
    )

    await orchestrator(router).async_answer(asked)

    assert router.asked == ["I am person, how do I dispute a payment?"]


async def test_what_stays_together_goes_where_its_parts_belong() -> None:
    text = "What is the mean rate of our many loans and how many are late?"
    agent = FixedAnswerer("from data", "agent", steps=[LOOKED_UP])
    answerers = {"rag": FixedAnswerer("from documents"), "agent": agent}
    asked = Orchestrator(
        FixedRouter("rag"),
        answerers,  # type: ignore[arg-type]
        compound=Compound(WordRouter("rag")),
        plans={"compound": "both"},
    )

    draft = await asked.async_answer(after(text))

    assert (draft.route, agent.asked[0].text) == ("agent", text)


@pytest.mark.parametrize("history", [("Block my card",), ()])
async def test_an_order_goes_to_the_agent_whole_and_never_to_the_documents(
    history: tuple[str, ...],
) -> None:
    text = "7" if history else "What a day: block 7, and how are you?"
    said = [Turn(role="user", content=one) for one in history]
    agent, documents = FixedAnswerer("which one?", "agent"), FixedAnswerer("from documents")
    asked = Orchestrator(
        FixedRouter("rag"),
        {"rag": documents, "agent": agent},  # type: ignore[arg-type]
        compound=Compound(WordRouter("rag")),
        plans={"compound": "both"},
        ordered=lambda texts: texts in (["Block my card", "7"], [text]),
    )

    draft = await asked.async_answer(after(text).model_copy(update={"history": tuple(said)}))

    assert (draft.route, draft.text.strip(), documents.asked) == ("agent", "which one?", [])
