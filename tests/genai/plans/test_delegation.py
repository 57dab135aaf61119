import json
from typing import Any

from genai.errors import BackendFailed
from genai.events import SpentEvent
from genai.routing.base import SURE
from tests.support.agents import CannedLLM, texts
from tests.support.language_models import FlakyLLM
from tests.support.plans import Part, Stage, a_plan, a_question, ask, tokens

FIGURE = "How many mortgages exist?"
RULE = "What does a lost card cost?"
BOTH = "How many mortgages exist, and what does a lost card cost?"


def supervisor(**more: Any) -> dict[str, Any]:
    specialists = {
        "figures": {"node": "figures", "route": "agent", "description": "numbers"},
        "documents": {"node": "documents", "route": "rag"},
    }
    return {"node": "handoff", "specialists": specialists, **more}


def stage_of(*, parts: dict[str, Part] | None = None, **more: Any) -> Stage:
    llm = more.pop("llm", None)
    plan = a_plan(
        start=supervisor(**({"llm": "boss"} if llm else {})),
        figures=ask(route="agent"),
        documents=ask(),
    )
    return Stage(plan, dict(parts or {}), models={"boss": llm} if llm else {}, **more)


def tasks(*pairs: tuple[str, str]) -> str:
    return json.dumps({"tasks": [{"specialist": who, "question": what} for who, what in pairs]})


FOUND = {
    FIGURE: Part(text="146 mortgages.", steps=1),
    RULE: Part(text="It costs 8 euros. [1]", quotes=("8 euros",)),
}


async def test_each_part_of_a_question_goes_to_the_specialist_for_it() -> None:
    stage = stage_of(parts=FOUND)

    draft = await stage.draft(a_question(BOTH))

    assert stage.agent.began == [FIGURE]
    assert stage.rag.began == [RULE]
    assert draft.text == "146 mortgages.\n\nIt costs 8 euros. [1]"
    assert (len(draft.steps), len(draft.citations)) == (1, 1)


async def test_the_answers_stand_in_the_order_of_the_question() -> None:
    draft = await stage_of(parts=FOUND).draft(
        a_question("What does a lost card cost, and how many mortgages exist?")
    )

    assert draft.text == "It costs 8 euros. [1]\n\n146 mortgages."


async def test_a_part_that_nobody_answers_is_named() -> None:
    parts = {**FOUND, RULE: Part(text="I don't know.")}

    draft = await stage_of(parts=parts).draft(a_question(BOTH))

    assert draft.text == f"146 mortgages.\n\n\u201c{RULE}\u201d \u2013 I don't know."


async def test_where_the_agent_finds_nothing_the_documents_are_asked() -> None:
    parts = {**FOUND, FIGURE: Part(text="No number.")}
    stage = stage_of(parts=parts)
    stage.rag.parts = {**FOUND, FIGURE: Part(text="At most 3. [1]", quotes=("at most 3",))}

    draft = await stage.draft(a_question(BOTH))

    assert stage.rag.began == [RULE, FIGURE]
    assert draft.text == "At most 3. [1]\n\nIt costs 8 euros. [2]"


async def test_where_the_documents_fail_the_agents_admission_stands() -> None:
    stage = stage_of(parts={**FOUND, FIGURE: Part(text="No number.")})
    stage.rag.parts = {**FOUND, FIGURE: Part(errors=[BackendFailed("down")])}

    draft = await stage.draft(a_question(BOTH))

    assert draft.text.startswith(f"\u201c{FIGURE}\u201d \u2013 No number.")


async def test_of_what_surely_is_a_figure_no_document_is_asked() -> None:
    stage = stage_of(parts={**FOUND, FIGURE: Part(text="No number.")}, confidence=SURE)

    await stage.draft(a_question(BOTH))

    assert stage.rag.began == [RULE]


async def test_all_that_was_asked_in_vain_is_paid_for() -> None:
    parts = {
        FIGURE: Part(text="No number.", cost=5),
        RULE: Part(text="It costs 8 euros. [1]", quotes=("8 euros",), cost=7),
    }
    stage = stage_of(parts=parts)

    draft = await stage.draft(a_question(BOTH, allowance=100))

    assert draft.usage.cost_micro_usd == stage.paid_out == 5 + 7 + 5


async def test_what_the_money_does_not_reach_for_stays_open() -> None:
    stage = stage_of(parts={**FOUND, FIGURE: Part(text="No number.", cost=5)})
    stage.rag.parts = {**FOUND, FIGURE: Part(text="At most 3.", cost=50)}

    draft = await stage.draft(a_question(BOTH, allowance=20))

    assert draft.usage.cost_micro_usd == stage.paid_out == 5
    assert "No number." in draft.text


async def test_a_question_with_one_part_goes_to_one_and_streams() -> None:
    stage = stage_of()

    events = await stage.events(a_question(FIGURE))

    assert (stage.agent.began, stage.rag.began) == ([FIGURE], [])
    assert tokens(events) == f"{FIGURE}!"


async def test_a_part_that_leans_on_an_earlier_one_is_told_with_it() -> None:
    stage = stage_of()

    await stage.draft(a_question("How many mortgages exist, and what do they cost?"))

    turns = [turn.content for turn in stage.rag.asked[0].history if turn.role == "user"]
    assert turns == [FIGURE]


async def test_a_part_that_stands_alone_is_told_alone() -> None:
    stage = stage_of(parts=FOUND)

    await stage.draft(a_question(BOTH))

    assert stage.rag.asked[0].history == ()


async def test_a_model_splits_the_question_where_there_is_one() -> None:
    llm = CannedLLM(tasks(("documents", "one thing"), ("figures", "another")))
    parts = {"one thing": Part(quotes=("one",)), "another": Part(steps=1)}
    stage = stage_of(llm=llm, parts=parts)

    draft = await stage.draft(a_question("Whatever it is"))

    assert draft.text == "one thing!\n\nanother!"
    assert draft.usage.cost_micro_usd == 3
    assert llm.requests[0].sampling.json_schema is not None


async def test_a_malformed_split_may_be_mended_once() -> None:
    llm = CannedLLM(tasks(("nobody", "one")), tasks(("documents", "one")))
    stage = stage_of(llm=llm)

    draft = await stage.draft(a_question("Whatever it is"))

    assert "the specialists are figures, documents" in texts(llm.requests)[1]
    assert draft.text == "one!"


async def test_a_model_that_does_not_obey_is_replaced_by_the_rule() -> None:
    stage = stage_of(llm=CannedLLM("I would rather answer it myself."))

    await stage.draft(a_question(BOTH))

    assert stage.agent.began == [FIGURE]


async def test_a_model_that_fails_is_replaced_by_the_rule() -> None:
    stage = stage_of(llm=FlakyLLM(BackendFailed("down")), parts=FOUND)

    await stage.draft(a_question(BOTH))

    assert stage.rag.began == [RULE]


async def test_a_model_that_cannot_be_held_to_a_schema_is_asked_without() -> None:
    llm = CannedLLM(tasks(("documents", "one")), refuses_schema=True)

    draft = await stage_of(llm=llm).draft(a_question("Whatever it is"))

    assert draft.text == "one!"


async def test_what_the_supervisor_spent_is_told_at_once() -> None:
    stage = stage_of(llm=CannedLLM(tasks(("documents", "one"))))

    events = await stage.events(a_question("Whatever it is"))

    assert isinstance(events[0], SpentEvent)
    assert events[0].usage.cost_micro_usd == 3
