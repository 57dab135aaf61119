import asyncio
import json
from itertools import pairwise

import jsonschema
import pytest

from genai.errors import DeadlineExceeded, InvalidInput
from genai.llms.scripted import ScriptedLLM
from genai.messages import Sampling, ToolSpec
from genai.settings.models import ScriptedSettings
from tests.support.answering import context
from tests.support.language_models import chat_request, collect, text_of

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
        "required": ["name", "age"],
    }
)


def scripted(**settings: object) -> ScriptedLLM:
    return ScriptedLLM(
        "script", ScriptedSettings.model_validate({"backend": "scripted", **settings})
    )


async def test_replies_come_in_turn() -> None:
    llm = scripted(replies=("one", "two"))

    said = [(await llm.async_chat(chat_request())).text for _ in range(3)]

    assert said == ["one", "two", "one"]


async def test_without_replies_it_repeats_the_question_up_to_its_tokens() -> None:
    said = await scripted(tokens=5).async_chat(chat_request("to be"))

    assert said.text == "to be to be to"
    assert said.usage.completion_tokens == 5


async def test_a_stream_has_one_token_a_chunk_and_usage_in_the_last() -> None:
    chunks = await collect(scripted(replies=("a b c",)).async_stream(chat_request()))

    assert [chunk.text for chunk in chunks] == ["a", " b", " c", ""]
    assert chunks[-1].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 3


async def test_a_limit_of_tokens_cuts_the_answer_and_says_so() -> None:
    request = chat_request(sampling=Sampling(max_tokens=2))

    said = await scripted(replies=("a b c",)).async_chat(request)

    assert (said.text, said.finish_reason) == ("a b", "length")


async def test_json_obeys_the_schema_whole_and_streamed() -> None:
    request = chat_request(sampling=Sampling(json_schema=SCHEMA))

    whole = (await scripted().async_chat(request)).text
    streamed = text_of(await collect(scripted().async_stream(request)))

    jsonschema.validate(json.loads(whole), json.loads(SCHEMA))
    assert whole == streamed


async def test_a_tool_that_must_be_called_is_called_with_valid_arguments() -> None:
    request = chat_request(tools=(ToolSpec(name="f", parameters=SCHEMA),), tool_choice="required")

    said = await scripted().async_chat(request)
    chunks = await collect(scripted().async_stream(request))

    jsonschema.validate(json.loads(said.tool_calls[0].arguments), json.loads(SCHEMA))
    deltas = [delta for chunk in chunks for delta in chunk.tool_calls]
    assert "".join(delta.arguments for delta in deltas) == said.tool_calls[0].arguments
    assert (deltas[0].name, chunks[-1].finish_reason) == ("f", "tool_calls")


async def test_a_tool_choice_that_names_no_tool_is_refused() -> None:
    with pytest.raises(InvalidInput):
        await scripted().async_chat(chat_request(tool_choice="g"))


async def test_a_stream_that_is_closed_early_no_longer_runs() -> None:
    llm = scripted()
    stream = llm.async_stream(chat_request())

    await anext(stream)
    assert llm.running() == 1
    await stream.aclose()  # type: ignore[attr-defined]

    assert llm.running() == 0


async def test_the_deadline_ends_a_slow_answer() -> None:
    llm = scripted(delay_s=60.0)

    with pytest.raises(DeadlineExceeded):
        await llm.async_chat(chat_request(context=context(within_s=0.01)))
    assert llm.running() == 0


async def test_delays_lie_between_the_tokens() -> None:
    loop = asyncio.get_running_loop()
    llm = scripted(replies=("a b c",), seconds_per_token=0.01)

    times = [loop.time() async for _ in llm.async_stream(chat_request())]

    assert all(later - earlier >= 0.009 for earlier, later in pairwise(times[:-1]))
