"""Against a real, very small model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

pytest.importorskip("transformers")

from genai.errors import DeadlineExceeded, InvalidInput, Misconfigured
from genai.messages import Sampling, ToolSpec
from genai.settings.models import HuggingFaceSettings
from tests.support.answering import context
from tests.support.language_models import chat_request, collect, text_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("default"),  # torch and transformers warn of themselves
]

TEXTS = (Path(__file__).read_text(),)


def settings(folder: Path) -> HuggingFaceSettings:
    return HuggingFaceSettings(
        backend="huggingface", model=str(folder), max_model_len=512, max_batch_size=4, device="cpu"
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def llm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    from genai.llms.huggingface import HuggingFaceLLM
    from genai.llms.random_llama import LlamaRecipe, make_random_llama

    folder = tmp_path_factory.mktemp("models") / "random"
    make_random_llama(
        folder, TEXTS, LlamaRecipe(vocab_size=512, hidden_size=64, layers=1, context=512)
    )
    model = HuggingFaceLLM("local", settings(folder))
    await model.async_start()
    yield model
    await model.async_close()


async def test_whole_and_streamed_answers_are_the_same_and_count_their_tokens(llm: Any) -> None:
    request = chat_request(sampling=Sampling(max_tokens=12))

    whole = await llm.async_chat(request)
    chunks = await collect(llm.async_stream(request))

    assert whole.text == text_of(chunks) != ""
    assert whole.usage == chunks[-1].usage
    assert whole.usage.completion_tokens <= 12
    assert (whole.model, whole.finish_reason) == ("local", chunks[-1].finish_reason)


async def test_each_part_of_a_stream_has_the_usage_so_far(llm: Any) -> None:
    request = chat_request(sampling=Sampling(max_tokens=20))

    *parts, last = await collect(llm.async_stream(request))

    made = [part.spent.completion_tokens for part in parts if part.spent]
    assert len(made) == len(parts) > 1
    assert made == sorted(made)
    assert made[0] < 20
    assert parts[-1].spent == last.usage


async def test_answers_are_the_same_alone_and_in_a_batch(llm: Any) -> None:
    """Of unequal lengths, so that the shorter prompts are filled up."""
    requests = [
        chat_request("word " * n, sampling=Sampling(max_tokens=4 + n)) for n in (1, 5, 9, 13)
    ]

    alone = [await llm.async_chat(request) for request in requests]
    together = await asyncio.gather(*(llm.async_chat(request) for request in requests))

    assert [said.usage for said in together] == [said.usage for said in alone]


async def test_the_event_loop_goes_on_while_the_model_works(llm: Any) -> None:
    call = asyncio.ensure_future(llm.async_chat(chat_request(sampling=Sampling(max_tokens=60))))
    turns = 0
    while not call.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 60


async def test_the_next_call_does_not_wait_for_one_whose_caller_left(llm: Any) -> None:
    endless = chat_request(sampling=Sampling(max_tokens=450, temperature=1.0, seed=1))

    async with aclosing(llm.async_stream(endless)) as stream:
        await anext(stream)
    said = await llm.async_chat(
        chat_request(context=context(within_s=5), sampling=Sampling(max_tokens=2))
    )

    assert said.usage.completion_tokens <= 2


async def test_the_deadline_ends_the_answer(llm: Any) -> None:
    endless = Sampling(max_tokens=450, temperature=1.0)

    with pytest.raises(DeadlineExceeded):
        await llm.async_chat(chat_request(context=context(within_s=0.05), sampling=endless))


async def test_a_seed_repeats_the_answer(llm: Any) -> None:
    request = chat_request(sampling=Sampling(max_tokens=12, temperature=1.5, seed=7))

    assert await llm.async_chat(request) == await llm.async_chat(request)


async def test_unsupported_options_are_refused(llm: Any) -> None:
    with pytest.raises(InvalidInput):
        await llm.async_chat(chat_request(sampling=Sampling(json_schema="{}")))
    with pytest.raises(InvalidInput):
        await llm.async_chat(chat_request(tools=(ToolSpec(name="f"),), tool_choice="required"))
    with pytest.raises(InvalidInput, match="512"):
        await llm.async_chat(chat_request("word " * 2000))


async def test_a_missing_model_is_a_configuration_error(tmp_path: Path) -> None:
    from genai.llms.huggingface import HuggingFaceLLM

    with pytest.raises(Misconfigured):
        await HuggingFaceLLM("local", settings(tmp_path)).async_start()
