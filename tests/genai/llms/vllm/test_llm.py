"""Against a real engine with a small random model, started once for this file."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from logging.handlers import MemoryHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import psutil
import pytest
import pytest_asyncio

pytest.importorskip("vllm")

from genai.errors import BackendFailed, DeadlineExceeded, InvalidInput
from genai.llms.spent import spent_by
from genai.messages import ChatRequest, Message, Sampling, ToolSpec
from genai.settings.models import VLLMSettings
from tests.support.answering import context
from tests.support.language_models import chat_request, collect, text_of

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("default"),  # the engine's imports warn of themselves
]

TEXTS = (Path(__file__).read_text(),)

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "balance": {"type": "number"},
        "active": {"type": "boolean"},
    },
    "required": ["name", "age", "balance", "active"],
    "additionalProperties": False,
}
SCHEMAS: list[Any] = [
    PERSON,
    {"type": "object", "properties": {"people": {"type": "array", "items": PERSON}}},
    {
        "type": "object",
        "properties": {
            "verdict": {"enum": ["yes", "no", "unknown"]},
            "code": {"type": "string", "minLength": 3, "maxLength": 6},
            "when": {"type": "string", "format": "date"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["verdict", "code", "when", "note"],
    },
    {
        "type": "object",
        "properties": {"root": {"$ref": "#/$defs/node"}},
        "required": ["root"],
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
                "required": ["label", "children"],
            }
        },
    },
    {"type": "object"},
]
TOOLS = (
    ToolSpec(name="find_person", parameters=json.dumps(PERSON)),
    ToolSpec(name="find_account", parameters=json.dumps(SCHEMAS[2])),
)


class Heard(logging.Handler):
    """Keeps what is logged, behind a buffer as that of Serve's replicas."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    target = Heard()
    handler = MemoryHandler(1, target=target)
    logging.getLogger("somebody").addHandler(handler)
    yield target
    logging.getLogger("somebody").removeHandler(handler)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def llm(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> AsyncIterator[Any]:
    from genai.llms.random_llama import LlamaRecipe, make_random_llama
    from genai.llms.vllm.llm import VLLM

    folder: Path = tmp_path_factory.mktemp("models") / "random"
    make_random_llama(folder, TEXTS, LlamaRecipe(vocab_size=1024, hidden_size=128, layers=2))
    settings = VLLMSettings(backend="vllm", model=str(folder), max_model_len=1024, max_num_seqs=16)
    engine = VLLM("bank", settings)
    await engine.async_start()
    yield engine
    await engine.async_close()


async def idle(llm: Any, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while llm.running():  # noqa: ASYNC110  the engine has no event for it
            await asyncio.sleep(0.01)


async def test_what_others_log_is_still_written_once_the_engine_runs(
    llm: Any, heard: Heard
) -> None:
    logging.getLogger("somebody").warning("a replica is at its limit")
    assert heard.said == ["a replica is at its limit"]


async def test_whole_and_streamed_answers_are_the_same_and_count_their_tokens(llm: Any) -> None:
    request = chat_request(sampling=Sampling(max_tokens=20))

    whole = await llm.async_chat(request)
    chunks = await collect(llm.async_stream(request))

    assert whole.text == text_of(chunks) != ""
    assert whole.usage == chunks[-1].usage
    assert whole.usage.completion_tokens <= 20
    assert whole.usage.prompt_tokens > 3
    assert {chunk.model for chunk in chunks} == {"bank"}


async def test_each_part_of_a_stream_has_the_usage_so_far(llm: Any) -> None:
    request = chat_request(sampling=Sampling(max_tokens=20))

    *parts, last = await collect(llm.async_stream(request))

    made = [part.spent.completion_tokens for part in parts if part.spent]
    assert len(made) == len(parts) > 1
    assert made == sorted(made)
    assert made[0] < 20
    assert parts[-1].spent == last.usage


def structured(schema: Any, seed: int) -> ChatRequest:
    sampling = Sampling(
        max_tokens=256, temperature=seed % 3 / 2, seed=seed, json_schema=json.dumps(schema)
    )
    return chat_request(f"Tell me about {seed}", sampling=sampling)


async def test_json_obeys_its_schema_every_time(llm: Any) -> None:
    pairs = [(schema, structured(schema, seed)) for seed in range(5) for schema in SCHEMAS]

    answers = await asyncio.gather(*(llm.async_chat(request) for _, request in pairs))

    for (schema, _), answer in zip(pairs, answers, strict=True):
        jsonschema.validate(json.loads(answer.text), schema)


async def test_streamed_json_obeys_too_even_when_the_limit_cuts_it(llm: Any) -> None:
    sampling = Sampling(max_tokens=12, json_schema=json.dumps(PERSON))

    chunks = await collect(llm.async_stream(chat_request(sampling=sampling)))

    jsonschema.validate(json.loads(text_of(chunks)), PERSON)
    assert chunks[-1].finish_reason == "length"


async def test_a_named_tool_is_called_with_arguments_that_obey(llm: Any) -> None:
    request = chat_request(tools=TOOLS, tool_choice="find_account")

    said = await llm.async_chat(request)

    assert said.tool_calls[0].name == "find_account"
    jsonschema.validate(json.loads(said.tool_calls[0].arguments), SCHEMAS[2])


async def test_with_tool_choice_required_the_model_chooses_one(llm: Any) -> None:
    request = chat_request(tools=TOOLS, tool_choice="required")
    schemas = {tool.name: json.loads(tool.parameters) for tool in TOOLS}

    chunks = await collect(llm.async_stream(request))

    deltas = [delta for chunk in chunks for delta in chunk.tool_calls]
    arguments = json.loads("".join(delta.arguments for delta in deltas))
    jsonschema.validate(arguments, schemas[str(deltas[0].name)])


async def test_leaving_a_stream_frees_the_engine(llm: Any) -> None:
    endless = Sampling(max_tokens=900, temperature=1.0)

    async with aclosing(llm.async_stream(chat_request(sampling=endless))) as stream:
        await anext(stream)
        assert llm.running() == 1

    await idle(llm, within_s=1.0)


async def test_cancelling_a_call_frees_the_engine(llm: Any) -> None:
    endless = Sampling(max_tokens=900, temperature=1.0)
    calls = [
        asyncio.ensure_future(llm.async_chat(chat_request(sampling=endless))) for _ in range(4)
    ]
    while llm.running() < 4:  # noqa: ASYNC110
        await asyncio.sleep(0)

    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    await idle(llm, within_s=1.0)


async def test_a_call_that_is_cut_off_tells_what_it_has_used(llm: Any) -> None:
    endless = Sampling(max_tokens=900, temperature=1.0)
    whole = await llm.async_chat(chat_request(sampling=Sampling(max_tokens=1)))
    call = asyncio.ensure_future(llm.async_chat(chat_request(sampling=endless)))
    await asyncio.sleep(0.5)
    call.cancel()

    with pytest.raises(asyncio.CancelledError) as left:
        await call

    used = spent_by(left.value)
    assert used is not None
    assert used.prompt_tokens == whole.usage.prompt_tokens
    assert 0 < used.completion_tokens < 900


async def test_a_call_whose_deadline_has_passed_costs_its_prompt(llm: Any) -> None:
    late = chat_request(context=context(within_s=-1.0), sampling=Sampling(max_tokens=900))

    with pytest.raises(DeadlineExceeded) as missed:
        await llm.async_chat(late)

    used = spent_by(missed.value)
    assert used is not None
    assert used.prompt_tokens < 100
    assert used.completion_tokens == 0


async def test_the_deadline_ends_the_work(llm: Any) -> None:
    request = chat_request(
        context=context(within_s=0.2), sampling=Sampling(max_tokens=900, temperature=1.0)
    )
    started = time.monotonic()

    with pytest.raises(DeadlineExceeded):
        await llm.async_chat(request)

    assert time.monotonic() - started < 20.0
    await idle(llm, within_s=1.0)


async def test_streams_side_by_side_do_not_mix(llm: Any) -> None:
    requests = [
        chat_request(
            f"question {n}",
            sampling=Sampling(max_tokens=40, json_schema=json.dumps({"const": f"answer {n}"})),
        )
        for n in range(16)
    ]

    streams = await asyncio.gather(*(collect(llm.async_stream(request)) for request in requests))

    assert [json.loads(text_of(chunks)) for chunks in streams] == [f"answer {n}" for n in range(16)]


async def test_a_conversation_that_does_not_fit_is_refused(llm: Any) -> None:
    with pytest.raises(InvalidInput, match="1024"):
        await llm.async_chat(chat_request("word " * 3000))


async def test_a_long_answer_is_cut_to_what_the_window_leaves(llm: Any) -> None:
    request = chat_request("word " * 150, sampling=Sampling(max_tokens=4000))

    said = await llm.async_chat(request)

    assert said.usage.total_tokens <= 1024


async def test_an_invalid_schema_is_invalid_input(llm: Any) -> None:
    for schema in ("{not json", "[]", '{"type": "nonsense"}'):
        with pytest.raises(InvalidInput):
            await llm.async_chat(chat_request(sampling=Sampling(json_schema=schema)))


async def test_an_unsupported_keyword_is_named_with_the_field_of_the_request(llm: Any) -> None:
    unkept = json.dumps({"type": "array", "contains": {"const": 1}})
    broken = ToolSpec(name="broken", parameters='{"type": "nonsense"}')
    requests = {
        "response_format": chat_request(sampling=Sampling(json_schema=unkept)),
        "tools": chat_request(tools=(broken,)),
    }

    for param, request in requests.items():
        with pytest.raises(InvalidInput) as caught:
            await llm.async_chat(request)
        assert caught.value.param == param


async def test_optional_tools_with_a_response_format_are_refused(llm: Any) -> None:
    request = chat_request(tools=TOOLS, sampling=Sampling(json_schema='{"type": "object"}'))

    with pytest.raises(InvalidInput, match="tool_choice must be none, required"):
        await llm.async_chat(request)


async def test_a_stop_word_does_not_cut_json(llm: Any) -> None:
    sampling = Sampling(max_tokens=256, json_schema=json.dumps(PERSON), stop=('"', "}"))

    said = await llm.async_chat(chat_request(sampling=sampling))

    jsonschema.validate(json.loads(said.text), PERSON)


async def test_an_assistant_message_at_the_end_is_continued(llm: Any) -> None:
    begun = Message(role="assistant", content="The fee is")
    request = chat_request(sampling=Sampling(max_tokens=12))
    longer = request.model_copy(update={"messages": (*request.messages, begun)})

    continued = await llm.async_chat(longer)

    assert continued.usage.prompt_tokens > (await llm.async_chat(request)).usage.prompt_tokens


async def test_a_running_engine_is_healthy(llm: Any) -> None:
    await llm.async_check_health()


async def test_a_hanging_engine_is_detected_while_it_hangs(llm: Any) -> None:
    [engine] = [p for p in psutil.Process().children() if "EngineCore" in " ".join(p.cmdline())]
    await llm.async_check_alive()

    engine.suspend()
    asked = time.monotonic()
    try:
        with pytest.raises(BackendFailed, match="hangs"):
            await llm.async_check_alive()
        took = time.monotonic() - asked
    finally:
        engine.resume()

    assert took < 5.0
    assert (await llm.async_chat(chat_request())).text is not None
    await llm.async_check_alive()


class SpinningLLM:
    """Stands for vLLM's engine: answers whether it sleeps, and makes no token after the first."""

    errored = False

    async def is_sleeping(self) -> bool:
        return False

    async def generate(self, *asked: Any, lora_request: Any) -> AsyncIterator[Any]:
        yield SimpleNamespace(finished=False)
        await asyncio.Event().wait()

    async def abort(self, engine_id: str) -> None: ...


async def test_an_engine_without_output_for_long_counts_as_hanging() -> None:
    from genai.llms.vllm.engine import ServedModel, VLLMEngine

    engine = VLLMEngine("bank", VLLMSettings(backend="vllm", model="none", stuck_after_s=0.05))
    engine._engine = cast(Any, SpinningLLM())
    outputs = engine.outputs([1], cast(Any, None), "r", ServedModel("bank"))
    await anext(outputs)
    await asyncio.sleep(0.1)
    await engine.async_check()  # nobody asked for more

    waiting = asyncio.ensure_future(anext(outputs))
    await asyncio.sleep(0.1)
    with pytest.raises(BackendFailed, match="hangs"):
        await engine.async_check()
    waiting.cancel()
    await asyncio.wait([waiting])
    await engine.async_check()
