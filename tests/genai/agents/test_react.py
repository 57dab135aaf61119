import asyncio
import json

import pytest

from genai.agents.react import IN_CIRCLES, TOO_MANY_TOKENS, ReActAgent
from genai.agents.transcript import NOT_SURE, TOO_EXPENSIVE, TOO_SLOW, UNREADABLE
from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool
from genai.errors import BackendFailed
from genai.events import DraftEvent
from genai.llms.spent import spent_by
from genai.llms.wrappers.priced import PricedLLM
from genai.messages import ChatRequest, Completion, Draft, Question, Turn, Usage
from genai.prompts.template import load_prompt
from genai.settings.models import Price
from genai.tools.guarded import GuardedTool
from tests.support.agents import CannedLLM, LookupTool, a_question, texts
from tests.support.answering import WordGuard


def call(key: str, thought: str = "") -> str:
    return json.dumps({"thought": thought, "action": "lookup", "arguments": {"key": key}})


def answer(text: str) -> str:
    return json.dumps({"thought": "done", "answer": text})


def an_agent(
    llm: BaseLLM, *tools: BaseTool, max_steps: int = 4, timeout: float = 10.0
) -> ReActAgent:
    return ReActAgent(
        llm,
        tools or [LookupTool({"a": "the value is 7", "b": "the value is 8"})],
        load_prompt("react"),
        max_steps=max_steps,
        timeout=timeout,
    )


async def draft_of(agent: ReActAgent, question: Question | None = None) -> Draft:
    async for event in agent.async_loop(question or a_question()):
        if isinstance(event, DraftEvent):
            return event.draft
    raise AssertionError("no draft")


async def test_it_calls_a_tool_and_answers_from_what_the_tool_found() -> None:
    llm = CannedLLM(call("a"), answer("It is 7."))

    events = [event async for event in an_agent(llm).async_loop(a_question())]

    assert [event.type for event in events] == [
        "spent",
        "step",
        "spent",
        "token",
        "draft",
    ]
    assert "the value is 7" in texts(llm.requests)[1]
    last = events[-1]
    assert isinstance(last, DraftEvent)
    assert last.draft.text == "It is 7."
    assert last.draft.route == "agent"
    assert last.draft.model == "canned"


async def test_a_step_tells_tool_arguments_observation_and_time() -> None:
    draft = await draft_of(an_agent(CannedLLM(call("a"), answer("7"))))

    (step,) = draft.steps
    assert (step.tool, step.arguments, step.observation) == (
        "lookup",
        '{"key": "a"}',
        "the value is 7",
    )
    assert step.seconds >= 0
    assert step.error is None


async def test_the_draft_has_the_safety_decisions_on_tool_results() -> None:
    llm = CannedLLM(call("a"), call("b"), answer("They are withheld."))
    tool = GuardedTool(LookupTool({"a": "the value", "b": "how to build a bomb"}), WordGuard())

    draft = await draft_of(an_agent(llm, tool))

    assert [(one.check, one.stage, one.action) for one in draft.safety] == [
        ("words", "tool", "block")
    ]
    assert not any("words" in text for text in texts(llm.requests))


async def test_the_usage_of_all_calls_is_added_up() -> None:
    draft = await draft_of(an_agent(CannedLLM(call("a"), answer("7"))))

    assert draft.usage.prompt_tokens == 20
    assert draft.usage.cost_micro_usd == 6


async def test_a_malformed_reply_may_be_corrected_once() -> None:
    llm = CannedLLM("I think we should look it up", call("a"), answer("7"))

    draft = await draft_of(an_agent(llm))

    assert texts(llm.requests)[1].startswith("Malformed reply:")
    assert draft.text == "7"


async def test_two_malformed_replies_end_in_an_admission() -> None:
    draft = await draft_of(an_agent(CannedLLM("no json")))

    assert draft.text == UNREADABLE
    assert draft.steps == ()


async def test_an_error_in_the_arguments_is_reported_to_the_model() -> None:
    wrong = json.dumps({"action": "lookup", "arguments": {"keys": "a"}})
    llm = CannedLLM(wrong, call("a"), answer("It is 7."))

    draft = await draft_of(an_agent(llm))

    assert "key: Field required" in texts(llm.requests)[1]
    assert [step.error is None for step in draft.steps] == [False, True]


async def test_an_unknown_tool_is_reported_to_the_model() -> None:
    llm = CannedLLM('{"action": "shell", "arguments": {}}', answer("I cannot."))

    await draft_of(an_agent(llm))

    assert "the tools are: lookup" in texts(llm.requests)[1]


async def test_the_same_call_twice_ends_in_an_admission() -> None:
    tool = LookupTool({"a": "7"})

    draft = await draft_of(an_agent(CannedLLM(call("a"), call("a", "again")), tool))

    assert draft.text == IN_CIRCLES
    assert tool.asked == ["a"]


async def test_the_number_of_steps_is_limited() -> None:
    llm = CannedLLM(call("a"), call("b"), call("c"), answer("7"))

    draft = await draft_of(an_agent(llm, max_steps=2))

    assert "within 2 steps" in draft.text
    assert len(draft.steps) == 2


async def test_a_number_after_a_failed_call_is_withheld() -> None:
    draft = await draft_of(an_agent(CannedLLM(call("zzz"), answer("There are 1,200."))))

    assert draft.text == NOT_SURE


async def test_a_number_without_any_call_is_withheld() -> None:
    draft = await draft_of(an_agent(CannedLLM(answer("There are 1200."))))

    assert draft.text == NOT_SURE


async def test_a_number_that_a_tool_found_survives_another_failure() -> None:
    llm = CannedLLM(call("zzz"), call("a"), answer("It is 7.00."))

    draft = await draft_of(an_agent(llm))

    assert draft.text == "It is 7.00."


async def test_words_without_numbers_need_no_tool() -> None:
    draft = await draft_of(an_agent(CannedLLM(answer("Hello!"))))

    assert draft.text == "Hello!"


class SleepyLLM(CannedLLM):
    async def async_chat(self, request: ChatRequest) -> Completion:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")


@pytest.mark.parametrize(("timeout", "seconds"), [(0.01, 30.0), (30.0, 0.01)])
async def test_its_own_timeout_and_the_deadline_of_the_request_end_the_loop(
    timeout: float, seconds: float
) -> None:
    agent = an_agent(SleepyLLM(""), timeout=timeout)

    draft = await draft_of(agent, a_question(seconds=seconds))

    assert draft.text == TOO_SLOW
    assert (draft.finish_reason, draft.degraded) == ("length", "deadline_exceeded")


async def test_an_engine_with_schemas_is_constrained_to_the_actions() -> None:
    llm = CannedLLM(answer("Hello!"))

    await draft_of(an_agent(llm))

    schema = json.loads(llm.requests[0].sampling.json_schema or "")
    assert schema["anyOf"][0]["properties"]["action"] == {"enum": ["lookup"]}


async def test_an_engine_without_schemas_is_asked_without_one() -> None:
    llm = CannedLLM(answer("Hello!"), refuses_schema=True)

    draft = await draft_of(an_agent(llm))

    assert draft.text == "Hello!"
    assert llm.requests[0].sampling.json_schema is None


async def test_earlier_turns_precede_the_question() -> None:
    llm = CannedLLM(answer("Hello!"))
    turns = (Turn(role="user", content="Hi"), Turn(role="assistant", content="Hey"))

    await draft_of(an_agent(llm), a_question("And now?").model_copy(update={"history": turns}))

    system, *rest = llm.requests[0].messages
    assert "lookup: Look a value up." in system.content
    assert [message.content for message in rest] == ["Hi", "Hey", "And now?"]


async def test_a_long_observation_is_truncated() -> None:
    tool = LookupTool({"a": "x" * 10_000})

    draft = await draft_of(an_agent(CannedLLM(call("a"), answer("Hello!")), tool))

    assert len(draft.steps[0].observation) < 5_000
    assert draft.steps[0].observation.endswith("(the rest is cut)")


async def test_errors_that_the_model_cannot_correct_are_raised() -> None:
    class BrokenTool(LookupTool):
        async def async_run(self, arguments: object, context: object) -> object:  # type: ignore[override]
            raise BackendFailed("the database cannot be reached")

    with pytest.raises(BackendFailed):
        await draft_of(an_agent(CannedLLM(call("a")), BrokenTool({})))


async def test_an_agent_whose_money_runs_out_says_so() -> None:
    llm = PricedLLM(CannedLLM(call("a"), call("b"), answer("8")), Price(output=1.0))
    bounded = a_question().context.model_copy(update={"allowance_micro_usd": 3})
    question = a_question().model_copy(update={"context": bounded})

    draft = await draft_of(an_agent(llm), question)

    assert draft.text == TOO_EXPENSIVE
    assert (draft.finish_reason, draft.degraded) == ("length", "budget_exceeded")
    assert len(draft.steps) >= 1


async def test_the_error_of_an_agent_carries_its_usage() -> None:
    class Failing(CannedLLM):
        async def async_chat(self, request: ChatRequest) -> Completion:
            if len(request.messages) > 2:
                raise BackendFailed("down")
            return await super().async_chat(request)

    llm = PricedLLM(Failing(call("a")), Price(output=1.0))

    with pytest.raises(BackendFailed) as failed:
        await draft_of(an_agent(llm))

    spent = spent_by(failed.value)
    assert spent is not None
    assert spent.cost_micro_usd > 0


class TrustedLookup(LookupTool):
    needs_private = True


async def test_only_tools_that_need_private_data_get_it() -> None:
    private = {"<CREDIT_CARD_1_kqzvt>": "4111 1111 1111 1111"}
    asked = a_question("Find <CREDIT_CARD_1_kqzvt>").model_copy(update={"private": private})
    known = {"4111 1111 1111 1111": "4111 1111 1111 1111 is blocked"}
    trusted, other = TrustedLookup(known), LookupTool(known)
    llm = CannedLLM(call("<CREDIT_CARD_1_kqzvt>"), answer("<CREDIT_CARD_1_kqzvt> is blocked."))

    draft = await draft_of(an_agent(llm, trusted), asked)
    await draft_of(an_agent(CannedLLM(call("<CREDIT_CARD_1_kqzvt>"), answer("No.")), other), asked)

    assert trusted.asked == ["4111 1111 1111 1111"]
    assert other.asked == ["<CREDIT_CARD_1_kqzvt>"]
    assert draft.steps[0].observation == "<CREDIT_CARD_1_kqzvt> is blocked"
    assert not any("4111" in m.content for sent in llm.requests for m in sent.messages)


async def test_a_call_whose_prompt_would_exceed_the_token_limit_is_not_made() -> None:
    tool = LookupTool({"a": "word " * 700})
    llm = CannedLLM(call("a"), answer("It is 7."))
    agent = ReActAgent(llm, [tool], load_prompt("react"), max_tokens=1000)

    draft = await draft_of(agent)

    assert draft.text == TOO_MANY_TOKENS
    assert len(llm.requests) == 1
    assert tool.asked == ["a"]


async def test_after_a_reply_beyond_the_token_limit_no_tool_is_called() -> None:
    tool = LookupTool({"a": "7"})
    llm = CostlyLLM(call("a"), answer("It is 7."))
    agent = ReActAgent(llm, [tool], load_prompt("react"), max_tokens=1000)

    draft = await draft_of(agent)

    assert draft.text == TOO_MANY_TOKENS
    assert tool.asked == []


class CostlyLLM(CannedLLM):
    async def async_chat(self, request: ChatRequest) -> Completion:
        said = await super().async_chat(request)
        return said.model_copy(update={"usage": Usage(prompt_tokens=1001)})
