"""A run that wants to change something: it stops, somebody decides, it goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

import pytest
from redis.asyncio import Redis

from genai.access.principal import Principal
from genai.agents.transcript import NOT_SURE
from genai.errors import BackendFailed, Conflict, Forbidden, InvalidInput, NotFound
from genai.runs.run import RunEvent
from tests.genai.runs.conftest import Opening
from tests.support.agents import CannedLLM, LookupTool
from tests.support.runs import ChangeTool, RunWorker, a_run, answer, call, calls


def blocking() -> CannedLLM:
    return CannedLLM(call("block", card=7), answer("The card is blocked."))


def kinds(events: Sequence[RunEvent]) -> list[str]:
    """The kinds of events, with adjacent tokens joined."""
    return [kind for kind, _ in groupby(event.type for event in events)]


async def test_nothing_is_done_before_an_approval(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)

    who = await worker.ask("run-1")
    view = await worker.settled(who, "run-1")

    assert view.state.status == "waiting"
    assert tool.done == []
    assert view.answer is not None
    assert view.answer.finish_reason == "approval"
    assert view.answer.approval is not None
    assert (view.answer.approval.tool, view.answer.approval.arguments) == ("block", '{"card": 7}')


async def test_an_approved_action_is_done_once_and_the_run_continues(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await worker.decide(waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == [7]
    assert view.state.status == "done"
    assert view.answer is not None
    assert view.answer.text == "The card is blocked."
    assert [step.observation for step in view.answer.steps] == ["card 7 is blocked"]


async def test_a_question_that_is_not_durable_waits_as_well(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.person("ann")

    events = [event async for event in worker.assistant.async_stream(a_run(who, "run-1"))]
    [waiting] = await worker.pending()
    await worker.decide(waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert kinds(events) == ["approval", "token", "done"]
    assert tool.done == [7]
    assert view.answer is not None
    assert view.answer.text == "The card is blocked."


async def rejected(worker: RunWorker, who: Principal, approval_id: str) -> None:
    await worker.decide(approval_id, "reject")


async def withdrawn(worker: RunWorker, who: Principal, approval_id: str) -> None:
    await worker.approvals.async_withdraw(who, approval_id)


@pytest.mark.parametrize(
    ("ruled", "told"),
    [
        (rejected, "the person who had to approve this refused it"),
        (withdrawn, "the person who asked for this took it back"),
    ],
)
async def test_an_action_that_is_refused_or_taken_back_is_not_done_and_the_model_sees_why(
    opened: Opening, ruled: Callable[[RunWorker, Principal, str], Awaitable[None]], told: str
) -> None:
    tool, llm = ChangeTool(), CannedLLM(call("block", card=7), answer("It stays as it is."))
    worker = opened(llm, tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await ruled(worker, who, waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == []
    assert told in llm.requests[-1].messages[-1].content
    assert view.answer is not None
    assert view.answer.text == "It stays as it is."


async def test_a_reason_for_a_rejection_may_contain_numbers(opened: Opening) -> None:
    llm = CannedLLM(call("block", card=7), answer("Not done: it waits until 17 May."))
    worker = opened(llm, ChangeTool())
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    boss = await worker.person("boss", "operator")

    await worker.approvals.async_decide(
        boss, waiting.request.id, "reject", arguments="", comment="wait until 17 May"
    )
    view = await worker.settled(who, "run-1")

    assert view.answer is not None
    assert view.answer.text == "Not done: it waits until 17 May."


async def test_comments_are_redacted_for_the_asker(
    opened: Opening,
) -> None:
    worker = opened(blocking(), ChangeTool())
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    boss = await worker.person("boss", "operator")

    ruled = await worker.approvals.async_decide(
        boss,
        waiting.request.id,
        "reject",
        arguments="",
        comment="Ask ann@example.org about 4111 1111 1111 1111, key AKIAIOSFODNN7EXAMPLE",
    )

    assert ruled.ruling is not None
    assert ruled.ruling.comment == "Ask <EMAIL_ADDRESS> about <CREDIT_CARD>, key <SECRET>"


async def test_an_edited_action_is_done_with_the_edited_arguments(opened: Opening) -> None:
    tool, llm = ChangeTool(), blocking()
    worker = opened(llm, tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await worker.decide(waiting.request.id, "edit", '{"card": 8}')
    view = await worker.settled(who, "run-1")

    assert tool.done == [8]
    assert view.answer is not None
    assert view.answer.steps[0].arguments == '{"card": 8}'
    assert (
        "The person who approved this changed it to card 8."
        in llm.requests[-1].messages[-1].content
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Not done with card 99: there is no such card.", None),
        ("Card 99 has a limit of 500.", NOT_SURE),
    ],
)
async def test_an_edited_action_that_fails_reports_its_reason(
    opened: Opening, said: str, told: str | None
) -> None:
    """The number is a person's, and needs no tool to vouch for it; others of the refusal do."""
    tool = ChangeTool()
    tool.refusal = lambda card: "there is no such card, of 500" if card == 99 else ""
    worker = opened(CannedLLM(call("block", card=7), answer(said)), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await worker.decide(waiting.request.id, "edit", '{"card": 99}')
    view = await worker.settled(who, "run-1")

    assert tool.done == []
    assert view.answer is not None
    assert view.answer.text == (told or said)


async def test_an_edited_integer_may_be_any_json_number(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await worker.decide(waiting.request.id, "edit", '{"card": 8.0}')
    await worker.settled(who, "run-1")

    assert tool.done == [8]


async def test_impossible_actions_are_not_offered_for_approval(opened: Opening) -> None:
    tool, llm = ChangeTool(), CannedLLM(call("block", card=7), answer("There is no such card."))
    tool.objection = lambda card: "there is no such card"
    worker = opened(llm, tool)

    who = await worker.ask("run-1")
    view = await worker.settled(who, "run-1")

    assert view.state.status == "done"
    assert await worker.pending() == []
    assert tool.done == []
    assert "there is no such card" in llm.requests[-1].messages[-1].content


async def test_a_completed_effect_does_not_block_its_own_retry(opened: Opening) -> None:
    """A process that dies between an effect and its journal must not take it for a refusal."""
    tool = ChangeTool()
    tool.objection = lambda card: "it is blocked already" if card in tool.done else ""
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    def die() -> None:
        tool.after = lambda: None
        raise BackendFailed("the process died")

    tool.after = die
    await worker.decide(waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == [7]
    assert view.answer is not None
    assert [step.observation for step in view.answer.steps] == ["card 7 is blocked"]


@pytest.mark.parametrize("arguments", ['{"card": "8"}', "{}", '{"card": 8, "x": 1}', "[]", "8"])
async def test_edited_arguments_must_match_the_tools_schema(
    opened: Opening, arguments: str
) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    with pytest.raises(InvalidInput):
        await worker.decide(waiting.request.id, "edit", arguments)

    assert (await worker.settled(who, "run-1")).state.status == "waiting"
    assert tool.done == []


async def test_the_first_decision_counts(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    decisions = await asyncio.gather(
        *(worker.decide(waiting.request.id, choice) for choice in ("reject", "approve") * 4),
        return_exceptions=True,
    )
    await worker.settled(who, "run-1")

    made = {d.status for d in decisions if not isinstance(d, BaseException)}
    assert len(made) == 1
    assert all(isinstance(d, Conflict) for d in decisions if isinstance(d, BaseException))
    assert tool.done == ([7] if made == {"approved"} else [])


async def test_only_operators_and_admins_of_the_same_tenant_decide(opened: Opening) -> None:
    worker = opened(blocking(), ChangeTool())
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    auditor = await worker.person("eve", "auditor")
    _, foreign = await worker.state.keys.async_create("rival", "mallory", roles=("admin",))

    for person, error in ((who, Forbidden), (auditor, Forbidden), (foreign.principal, NotFound)):
        with pytest.raises(error):
            await worker.approvals.async_decide(
                person, waiting.request.id, "approve", arguments="", comment=""
            )


async def test_with_four_eyes_nobody_decides_on_their_own_run(opened: Opening) -> None:
    worker = opened(blocking(), ChangeTool(), four_eyes=True)
    boss = await worker.person("boss", "operator")
    await worker.runner.async_begin(a_run(boss, "run-1"), {})
    await worker.settled(boss, "run-1")
    [waiting] = await worker.pending()

    with pytest.raises(Forbidden):
        await worker.decide(waiting.request.id)

    await worker.decide(waiting.request.id, by="other")


async def test_an_expired_approval_is_not_executed(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool, approvals_open_for_s=0.05)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    await asyncio.sleep(0.1)

    with pytest.raises(Conflict):
        await worker.decide(waiting.request.id)

    view = await worker.settled(who, "run-1")
    async with asyncio.timeout(10):
        while view.state.status != "done":
            await asyncio.sleep(0.01)
            view = await worker.settled(who, "run-1")
    assert tool.done == []


async def test_arguments_are_validated_before_an_approval_is_requested(opened: Opening) -> None:
    llm = CannedLLM(call("block", card="all"), answer("I cannot."))
    worker = opened(llm, ChangeTool())

    who = await worker.ask("run-1")
    view = await worker.settled(who, "run-1")

    assert view.state.status == "done"
    assert await worker.pending() == []


async def test_calls_without_side_effects_do_not_wait_for_approvals(opened: Opening) -> None:
    tool, look = ChangeTool(), LookupTool({"a": "1", "b": "2"})
    llm = CannedLLM(
        calls(("lookup", {"key": "a"}), ("block", {"card": 7}), ("block", {"card": 8})),
        answer("Done."),
    )
    worker = opened(llm, tool, look)
    who = await worker.ask("run-1")
    for card in (7, 8):
        await worker.settled(who, "run-1")
        [waiting] = await worker.pending()
        assert waiting.request.arguments == f'{{"card": {card}}}'
        await worker.decide(waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert look.asked == ["a"]
    assert tool.done == [7, 8]
    assert view.answer is not None
    assert [step.tool for step in view.answer.steps] == ["lookup", "block", "block"]


async def test_each_of_several_actions_is_numbered(opened: Opening) -> None:
    llm = CannedLLM(calls(("block", {"card": 7}), ("block", {"card": 8})), answer("Done."))
    worker = opened(llm, ChangeTool())
    who = await worker.ask("run-1")
    told = []
    for _ in range(2):
        view = await worker.settled(who, "run-1")
        assert view.answer is not None
        told.append(view.answer.text)
        [waiting] = await worker.pending()
        await worker.decide(waiting.request.id)

    assert [f"change {number} of 2" in text for number, text in enumerate(told, 1)] == [True, True]


async def test_without_approvals_tools_with_side_effects_are_not_offered(
    opened: Opening,
) -> None:
    worker = opened(blocking(), ChangeTool())
    who = await worker.person("ann")
    worker.agent.requester = None

    assert worker.agent.tools_for(a_run(who, "run-1").context) == {}


async def test_request_decision_and_execution_are_audited(opened: Opening) -> None:
    worker = opened(blocking(), ChangeTool())
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    boss = (await worker.decide(waiting.request.id)).ruling
    await worker.settled(who, "run-1")

    entries = await worker.state.trail.log.async_read("bank", after=0, limit=10)
    noted = [(e.decision.action, e.decision.actor, e.decision.target) for e in entries]
    assert boss is not None
    assert noted == [
        ("approval.approve", boss.key_id, waiting.request.id),
        ("effect.begin", who.key_id, waiting.request.id),
        ("effect.done", who.key_id, waiting.request.id),
    ]


async def test_an_effect_with_unknown_outcome_needs_another_approval(
    opened: Opening,
) -> None:
    tool = ChangeTool(exactly_once=False)

    def lose() -> None:
        tool.after = lambda: None
        raise BackendFailed("the connection broke")

    tool.after = lose
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [first] = await worker.pending()

    await worker.decide(first.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == [7]
    assert view.state.status == "waiting"
    [again] = await worker.pending()
    assert again.request.why == "outcome_unknown"
    await worker.decide(again.request.id, "reject")
    await worker.settled(who, "run-1")
    assert tool.done == [7]


async def test_an_exactly_once_tool_is_retried_after_a_failure(
    opened: Opening,
) -> None:
    tool = ChangeTool()

    def lose() -> None:
        tool.after = lambda: None
        raise BackendFailed("the connection broke")

    tool.after = lose
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [first] = await worker.pending()

    await worker.decide(first.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == [7]
    assert view.state.status == "done"


async def test_a_waiting_run_survives_the_crash_of_all_processes(opened: Opening) -> None:
    tool = ChangeTool()
    first = opened(blocking(), tool)
    who = await first.ask("run-1")
    await first.settled(who, "run-1")
    await first.close()

    second = opened(CannedLLM(answer("The card is blocked.")), tool)
    [waiting] = await second.pending()
    await second.decide(waiting.request.id)
    view = await second.settled(who, "run-1")

    assert tool.done == [7]
    assert view.state.status == "done"


async def test_a_run_whose_key_was_revoked_does_nothing_more(opened: Opening) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()

    await worker.state.keys.async_revoke(who.tenant, who.key_id)
    await worker.decide(waiting.request.id)
    view = await worker.settled(who, "run-1")

    assert tool.done == []
    assert view.failure is not None
    assert view.failure.code == "invalid_api_key"


async def test_runs_are_encrypted_in_redis(opened: Opening, redis_client: Redis) -> None:
    worker = opened(blocking(), ChangeTool())
    who = await worker.ask("run-1", "Block card 7 of canary-1234")
    await worker.settled(who, "run-1")

    kept = await redis_client.keys("*run*")
    everything = b"".join([await redis_client.dump(key) or b"" for key in kept])
    assert kept
    assert b"canary" not in everything


async def test_erasing_a_person_removes_runs_journals_and_approvals(
    opened: Opening, redis_client: Redis
) -> None:
    tool = ChangeTool()
    worker = opened(blocking(), tool)
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    [waiting] = await worker.pending()
    boss = await worker.person("boss", "operator")

    class NoDocuments:
        async def async_delete(self, tenant: str, document_id: str) -> bool:
            return False

        async def async_forget_reader(self, tenant: str, user: str) -> int:
            return 0

    administration = worker.state.administration(NoDocuments())  # type: ignore[arg-type]
    receipt = await administration.async_erase(boss, "ann")

    removed = receipt.removed
    assert (removed["runs"], removed["approvals"], removed["run_journals"]) == (1, 1, 1)
    with pytest.raises(NotFound):
        await worker.decide(waiting.request.id)
    keys = await redis_client.keys("*")
    assert [key for key in keys if b"run-1" in key or b"apr_" in key] == []
    assert await redis_client.zrange("gaf|runs", 0, -1) == []
    assert tool.done == []


async def test_a_stream_resumes_with_the_same_events_from_any_point(
    opened: Opening,
) -> None:
    worker = opened(
        CannedLLM(call("lookup", key="a"), call("block", card=7), answer("It is blocked.")),
        ChangeTool(),
        LookupTool({"a": "1"}),
    )
    who = await worker.ask("run-1")
    await worker.settled(who, "run-1")
    before = await worker.events(who, "run-1")
    [waiting] = await worker.pending()
    await worker.decide(waiting.request.id)
    await worker.settled(who, "run-1")

    whole = await worker.events(who, "run-1")

    told = ["step", "approval", "token", "done", "step", "token", "done"]
    assert kinds(whole) == told
    assert whole[: len(before)] == before
    for cut in range(len(whole) + 1):
        assert await worker.events(who, "run-1", after=cut) == whole[cut:]
