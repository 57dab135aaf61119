import asyncio

import pytest

from genai.errors import BackendFailed, DeadlineExceeded, InvalidInput
from genai.events import DraftEvent, StepEvent, TokenEvent
from tests.support.plans import (
    Part,
    Stage,
    a_plan,
    a_question,
    ask,
    others_running,
    parallel,
    sequence,
    tokens,
)

FAILED = "it failed"


def fails(times: int = 1) -> list[BackendFailed]:  # type: ignore[type-arg]
    return [BackendFailed(FAILED) for _ in range(times)]


async def test_a_sequence_does_one_after_the_other_and_the_last_answers() -> None:
    stage = Stage(
        a_plan(start=sequence("one", "two"), one=ask("first"), two=ask("second")),
        {"first": Part("1", seconds=0.02, steps=1), "second": Part("2", steps=1)},
    )

    draft = await stage.draft()

    assert (stage.rag.ended, stage.rag.most_at_once) == (["first", "second"], 1)
    assert draft.text == "2"
    assert [step.observation for step in draft.steps] == ["first", "second"]


async def test_branches_work_at_the_same_time_and_their_texts_stand_in_their_own_order() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("slow"), two=ask("fast")),
        {"slow": Part("A", seconds=0.05, steps=1), "fast": Part("B", steps=1)},
    )

    events = await stage.events(a_question())

    assert stage.rag.most_at_once == 2
    told = [event.step.observation for event in events if isinstance(event, StepEvent)]
    assert told == ["fast", "slow"]
    assert isinstance(events[-1], DraftEvent)
    assert [step.observation for step in events[-1].draft.steps] == ["slow", "fast"]
    assert events[-1].draft.text == tokens(events) == "A\n\nB"


async def test_the_citations_of_all_branches_are_there_and_markers_fit_them() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("a"), two=ask("b")),
        {"a": Part("x [1] y [2]", quotes=("p", "q")), "b": Part("z [1]", quotes=("r",))},
    )

    draft = await stage.draft()

    assert draft.text == "x [1] y [2]\n\nz [3]"
    assert [citation.quote for citation in draft.citations] == ["p", "q", "r"]


async def test_only_the_last_one_to_speak_streams() -> None:
    stage = Stage(
        a_plan(start=sequence("one", "two"), one=ask("first"), two=ask("second")),
        {"first": Part("not told", quotes=("p",)), "second": Part("told", quotes=("q",))},
    )

    events = await stage.events(a_question())

    assert [e.type for e in events if e.type != "spent"] == [
        "token",
        "citation",
        "citation",
        "draft",
    ]
    assert tokens(events) == "told"
    assert isinstance(events[-1], DraftEvent)
    assert [c.quote for c in events[-1].draft.citations] == ["q", "p"]


async def test_a_failure_ends_the_other_branches_and_then_the_plan() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("breaks"), two=ask("long")),
        {"breaks": Part(seconds=0.02, errors=fails()), "long": Part(seconds=30)},
    )

    with pytest.raises(BackendFailed, match=FAILED):
        await stage.draft()

    assert stage.rag.cancelled == ["long"]
    assert others_running() == set()


async def test_a_branch_that_may_be_missing_is_left_out_and_named() -> None:
    stage = Stage(
        a_plan(
            start=parallel("one", "two"), one=ask("breaks", on_failure="skip"), two=ask("stays")
        ),
        {"breaks": Part(errors=fails())},
    )

    draft = await stage.draft()

    assert (draft.text, draft.degraded) == ("stays!", "one: backend_failed")


async def test_where_everything_is_missing_the_answer_says_so() -> None:
    stage = Stage(a_plan(start=ask("breaks", on_failure="skip")), {"breaks": Part(errors=fails())})

    draft = await stage.draft()

    assert draft.text == "No part of this could be answered now."


async def test_a_fallback_does_the_work_of_what_failed() -> None:
    stage = Stage(
        a_plan(start=ask("breaks", on_failure="fallback", fallback="other"), other=ask("good")),
        {"breaks": Part(errors=fails())},
    )

    draft = await stage.draft()

    assert (draft.text, draft.degraded) == ("good!", "start: backend_failed")


async def test_what_may_pass_is_tried_again_as_often_as_was_said() -> None:
    stage = Stage(a_plan(start=ask("shaky", retries=2)), {"shaky": Part("well", errors=fails(2))})

    assert (await stage.draft()).text == "well"
    assert stage.rag.began == ["shaky"] * 3


async def test_after_the_last_retry_the_failure_stands() -> None:
    stage = Stage(a_plan(start=ask("shaky", retries=1)), {"shaky": Part("well", errors=fails(2))})

    with pytest.raises(BackendFailed):
        await stage.draft()


async def test_what_no_retry_can_mend_is_not_tried_again() -> None:
    wrong = InvalidInput("never")
    stage = Stage(a_plan(start=ask("wrong", retries=3)), {"wrong": Part(errors=[wrong])})

    with pytest.raises(InvalidInput):
        await stage.draft()

    assert stage.rag.began == ["wrong"]


async def test_nothing_is_told_that_a_retry_could_contradict() -> None:
    stage = Stage(a_plan(start=ask("shaky", retries=1)), {"shaky": Part("well", errors=fails())})

    events = await stage.events(a_question())

    assert [e.type for e in events if e.type != "spent"] == ["token", "draft"]


async def test_a_node_that_takes_too_long_has_failed() -> None:
    stage = Stage(
        a_plan(
            start=parallel("one", "two"),
            one=ask("long", timeout_s=0.03, on_failure="skip"),
            two=ask("quick"),
        ),
        {"long": Part(seconds=30)},
    )

    draft = await stage.draft()

    assert (draft.text, draft.degraded) == ("quick!", "one: deadline_exceeded")
    assert stage.rag.cancelled == ["long"]


async def test_the_deadline_of_a_node_is_told_to_who_works_on_it() -> None:
    stage = Stage(a_plan(start=sequence("one"), one=ask(timeout_s=5)))
    asked = a_question(seconds=60)

    await stage.draft(asked)

    assert stage.rag.asked[0].context.deadline < asked.context.deadline - 50


async def test_the_deadline_of_the_request_holds_in_every_branch() -> None:
    stage = Stage(
        a_plan(
            start=parallel("one", "two"),
            one=ask("long", on_failure="skip", retries=5),
            two=ask("longer", timeout_s=20),
        ),
        {"long": Part(seconds=30), "longer": Part(seconds=30)},
    )

    with pytest.raises(DeadlineExceeded):
        await stage.draft(a_question(seconds=0.05))

    assert sorted(stage.rag.cancelled) == ["long", "longer"]
    assert others_running() == set()


async def test_a_plan_has_a_time_limit_of_its_own() -> None:
    stage = Stage(a_plan(timeout_s=0.05, start=ask("long")), {"long": Part(seconds=30)})

    with pytest.raises(DeadlineExceeded):
        await stage.draft()


async def test_who_stops_listening_stops_all_branches() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two", "three"), one=ask("a"), two=ask("b"), three=ask("c")),
        {"a": Part(steps=1), "b": Part(seconds=30), "c": Part(seconds=30)},
    )
    events = stage.answerer.async_stream(a_question())

    async for event in events:
        if isinstance(event, StepEvent):
            break
    await events.aclose()  # type: ignore[attr-defined]

    assert sorted(stage.rag.cancelled) == ["b", "c"]
    assert others_running() == set()


async def test_cancelling_the_caller_stops_all_branches() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("a"), two=ask("b")),
        {"a": Part(seconds=30), "b": Part(seconds=30)},
    )
    task = asyncio.create_task(stage.draft())
    await asyncio.sleep(0.05)
    assert len(stage.rag.running) == 2

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)

    assert sorted(stage.rag.cancelled) == ["a", "b"]
    assert others_running() == set()


async def test_an_answer_that_looked_nothing_up_can_count_as_a_failure() -> None:
    stage = Stage(
        a_plan(
            start=ask("figures", "agent", must_find=True, on_failure="fallback", fallback="other"),
            other=ask("documents"),
        )
    )

    draft = await stage.draft()

    assert (draft.text, draft.degraded) == ("documents!", "start: not_found")


async def test_every_node_says_how_long_it_took() -> None:
    stage = Stage(
        a_plan(start=parallel("one", "two"), one=ask("a"), two=ask("b")), {"a": Part(seconds=0.02)}
    )

    timings = (await stage.draft()).timings_ms

    assert set(timings) == {"plan.start", "plan.one", "plan.two"}
    assert timings["plan.start"] >= timings["plan.one"] >= 20


async def test_a_plan_that_nobody_knows_is_the_callers_mistake() -> None:
    stage = Stage(a_plan(start=ask()))

    with pytest.raises(InvalidInput) as refused:
        await stage.draft(a_question().model_copy(update={"plan": "other"}))

    assert refused.value.param == "plan"


async def test_a_branch_gets_the_question_and_the_route_that_it_is_for() -> None:
    stage = Stage(a_plan(start=ask("Say: {question}", "chat")))

    await stage.draft(a_question("{item}?"))

    asked = stage.chat.asked[0]
    assert (asked.text, asked.context.route, asked.place) == ("Say: {item}?", "chat", "start")
    assert asked.whole is not None
    assert asked.whole.text == "{item}?"


async def test_tokens_come_before_the_plan_is_over() -> None:
    stage = Stage(a_plan(start=ask("long")), {"long": Part(lingers=30)})
    events = stage.answerer.async_stream(a_question())

    async for event in events:
        if isinstance(event, TokenEvent):
            break
    await events.aclose()  # type: ignore[attr-defined]

    assert stage.rag.ended == []
