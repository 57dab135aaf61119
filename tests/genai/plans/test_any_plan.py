"""Any plan, with any failures: nothing leaks, everything is paid once, and order stays order."""

import asyncio
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from genai.errors import BackendFailed, GenAIError, Overloaded
from genai.llms.spent import spent_by
from genai.messages import Draft, Question
from genai.plans.weights import NodeWeights
from genai.settings.plan_graph import mistakes_in
from genai.settings.plans import PlanSettings
from tests.support.plans import Part, Stage, a_plan, a_question, others_running

KINDS = ("ask", "ask", "sequence", "parallel", "handoff")


def random_plan(chance: random.Random, depth: int = 3) -> PlanSettings:
    nodes: dict[str, dict[str, Any]] = {}

    def grow(name: str, depth: int) -> None:
        kind = chance.choice(KINDS) if depth else "ask"
        children = [f"{name}_{number}" for number in range(chance.randint(2, 3))]
        nodes[name] = node = policy(chance)
        if node.get("fallback"):
            node["fallback"] = f"{name}_else"
            grow(node["fallback"], 0)
        match kind:
            case "ask":
                route = chance.choice(("rag", "agent", "chat"))
                node |= {"node": "ask", "route": route, "question": name}
                return
            case "handoff":
                routes = ("agent", "rag", "chat")
                named = {f"s{n}": {"node": c, "route": routes[n]} for n, c in enumerate(children)}
                node |= {"node": "handoff", "specialists": named}
            case "sequence":
                node |= {"node": "sequence", "steps": children}
            case _:
                node |= {"node": "parallel", "branches": children}
        for child in children:
            grow(child, depth - 1)

    grow("start", depth)
    return a_plan(**nodes)


def policy(chance: random.Random) -> dict[str, Any]:
    how = chance.choice(("fail", "fail", "skip", "fallback"))
    found: dict[str, Any] = {"on_failure": how, "retries": chance.choice((0, 0, 1, 2))}
    return found | ({"fallback": "later"} if how == "fallback" else {})


def random_parts(chance: random.Random, plan: PlanSettings) -> dict[str, Part]:
    def part() -> Part:
        failures = chance.choice((0, 0, 0, 1, 3))
        kind = chance.choice((BackendFailed, Overloaded))
        return Part(
            text=f"t{chance.randint(0, 99)}",
            seconds=chance.choice((0.0, 0.0, 0.001, 0.003)),
            steps=chance.randint(0, 2),
            cost=chance.randint(0, 5),
            errors=[kind("x") for _ in range(failures)],
            spent_at_failure=chance.randint(0, 2),
        )

    return {name: part() for name in plan.nodes}


async def outcome_of(stage: Stage, asked: Question) -> Draft | GenAIError:
    try:
        return await stage.draft(asked)
    except GenAIError as error:
        return error


def check_paid(stage: Stage, outcome: Draft | GenAIError) -> None:
    told = outcome.usage if isinstance(outcome, Draft) else spent_by(outcome)
    assert (told.cost_micro_usd if told else 0) == stage.paid_out


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_nothing_leaks_and_all_is_paid_once(seed: int) -> None:
    chance = random.Random(seed)
    plan = random_plan(chance)
    assert list(mistakes_in(plan)) == []
    stage = Stage(plan, random_parts(chance, plan))

    async def play() -> None:
        outcome = await outcome_of(stage, a_question("How many are there, and what is the cost?"))

        check_paid(stage, outcome)
        assert others_running() == set()

    asyncio.run(play())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 30))
def test_together_the_parts_never_spend_more_than_there_is(seed: int, allowance: int) -> None:
    chance = random.Random(seed)
    plan = random_plan(chance)
    stage = Stage(plan, random_parts(chance, plan))
    for part in stage.parts.values():
        part.spent_at_failure = 0

    asyncio.run(outcome_of(stage, a_question(allowance=allowance)))  # type: ignore[arg-type]

    assert stage.paid_out <= allowance


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_the_answer_does_not_depend_on_who_is_quicker(seed: int) -> None:
    drafts = []
    for speed in (1, 2):
        chance = random.Random(seed)
        plan = random_plan(chance)
        parts = random_parts(chance, plan)
        pace = random.Random(seed + speed)
        for part in parts.values():
            part.seconds, part.errors = pace.choice((0.0, 0.001, 0.004)), []
        drafts.append(asyncio.run(Stage(plan, parts).draft()))

    first, second = (d.model_copy(update={"timings_ms": {}}) for d in drafts)
    assert first == second


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9), st.floats(0, 0.01))
def test_whenever_the_caller_leaves_everything_ends(seed: int, after_s: float) -> None:
    chance = random.Random(seed)
    plan = random_plan(chance)
    parts = random_parts(chance, plan)
    for part in parts.values():
        part.seconds = chance.choice((0.0, 0.002, 10.0))
    stage = Stage(plan, parts)

    async def play() -> None:
        task = asyncio.create_task(outcome_of(stage, a_question()))
        await asyncio.sleep(after_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert others_running() == set()
        assert not (stage.rag.running | stage.agent.running | stage.chat.running)

    asyncio.run(play())


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**9))
def test_a_plan_weighs_as_much_as_may_have_to_be_paid_in_it(seed: int) -> None:
    plan = random_plan(random.Random(seed))

    assert NodeWeights(plan, ()).of("start") == 0
    assert NodeWeights(plan, {"rag", "agent", "chat"}).of("start") >= 1
