import pytest

from genai.errors import BackendFailed, BudgetExceeded
from genai.events import SpentEvent
from genai.llms.spent import spent_by
from genai.messages import Completion, Usage
from genai.plans.account import Account, Pool
from tests.support.answering import context
from tests.support.plans import Part, Stage, a_plan, a_question, ask, parallel, sequence, usage


async def test_the_usage_of_all_parts_is_added_up() -> None:
    stage = Stage(
        a_plan(
            start=parallel("one", "two"),
            one=ask("a"),
            two=sequence("x", "y"),
            x=ask("b"),
            y=ask("c"),
        ),
        {"a": Part(cost=3), "b": Part(cost=5), "c": Part(cost=7)},
    )

    events = await stage.events(a_question())

    assert events[-1].draft.usage == usage(15)  # type: ignore[union-attr]
    assert [e.usage for e in events if isinstance(e, SpentEvent)][-1] == usage(15)


async def test_what_failed_tries_cost_is_charged_too() -> None:
    shaky = Part(cost=5, errors=[BackendFailed("x"), BackendFailed("y")], spent_at_failure=2)
    stage = Stage(a_plan(start=ask("shaky", retries=2)), {"shaky": shaky})

    assert (await stage.draft()).usage.cost_micro_usd == stage.paid_out == 9


async def test_a_plan_that_fails_says_what_was_spent_until_then() -> None:
    breaks = Part(seconds=0.02, errors=[BackendFailed("x")], spent_at_failure=2)
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("breaks"), two=ask("quick")),
        {"breaks": breaks, "quick": Part(cost=4)},
    )

    with pytest.raises(BackendFailed) as failed:
        await stage.draft()

    assert spent_by(failed.value) == usage(6)


async def test_branches_cannot_spend_more_together_than_there_is() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two", "three"), one=ask("a"), two=ask("b"), three=ask("c")),
        {name: Part(cost=40) for name in "abc"},
    )

    with pytest.raises(BudgetExceeded):
        await stage.draft(a_question(allowance=100))

    assert stage.paid_out <= 100
    assert {question.context.allowance_micro_usd for question in stage.rag.asked} == {33, 34}


async def test_branches_that_cost_nothing_leave_the_money_to_the_others() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("a"), two=ask("b", "agent")),
        {"a": Part(cost=90), "b": Part()},
        paid=frozenset({"rag"}),
    )

    draft = await stage.draft(a_question(allowance=100))

    assert draft.usage.cost_micro_usd == 90


async def test_a_later_step_has_what_the_earlier_ones_left() -> None:
    stage = Stage(
        a_plan(start=sequence("one", "two"), one=ask("a"), two=ask("b")),
        {"a": Part(cost=30), "b": Part(cost=30)},
    )

    await stage.draft(a_question(allowance=100))

    assert [q.context.allowance_micro_usd for q in stage.rag.asked] == [100, 70]


def test_what_a_part_leaves_is_there_for_those_that_begin_later() -> None:
    pool = Pool(context().model_copy(update={"allowance_micro_usd": 90}), [1, 1, 1])

    first = pool.lend(0).allowance_micro_usd
    pool.take_back(0, 10)
    second, third = pool.lend(1).allowance_micro_usd, pool.lend(2).allowance_micro_usd

    assert (first, second, third) == (30, 40, 40)


def test_an_account_counts_every_part_once_and_in_a_fixed_order() -> None:
    heard: list[Usage] = []
    account = Account(lambda: heard.append(account.usage))
    one, two = account.part(), account.part()

    two.stands_at(usage(5))
    one.part().stands_at(usage(2))
    two.stands_at(usage(6))

    assert account.usage == usage(8) == heard[-1]
    assert account.cost == 8


async def test_an_approved_budget_covers_the_supervisor_as_well() -> None:
    from tests.support.agents import CannedLLM

    said = '{"tasks": [{"specialist": "one", "question": "a"}]}'
    llm = CannedLLM(said)
    plan = a_plan(
        start={
            "node": "handoff",
            "specialists": {"one": {"node": "one", "route": "rag"}},
            "llm": "boss",
        },
        one=ask(),
    )
    stage = Stage(plan, {"a": Part(cost=4)}, models={"boss": llm})

    draft = await stage.draft(a_question(allowance=100))

    assert draft.usage.cost_micro_usd == 7
    assert stage.rag.asked[0].context.allowance_micro_usd == 97
    assert isinstance(await llm.async_chat(llm.requests[0]), Completion)
