import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, DeadlineExceeded
from genai.llms.spending import CountedLLM, begin_call, spending
from genai.llms.spent import note_spent
from genai.messages import ChatRequest, Chunk, Completion, Usage
from tests.support.language_models import chat_request

ONE = Usage(completion_tokens=1)
THREE = Usage(completion_tokens=3)


class Scripted(BaseLLM):
    """Answers, or raises ``error``; its streams end there after the first part."""

    name = "m"

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error

    async def async_chat(self, request: ChatRequest) -> Completion:
        if self._error is not None:
            raise self._error
        return Completion(text="a b c", model="m", usage=THREE)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        yield Chunk(text="a", spent=ONE)
        if self._error is not None:
            raise self._error
        yield Chunk(text=" b c", usage=THREE)


def carrying(error: BackendFailed | asyncio.CancelledError, usage: Usage) -> BaseException:
    note_spent(error, usage)
    return error


@pytest.mark.parametrize(
    ("error", "used"),
    [
        (None, THREE),
        (carrying(BackendFailed("failed"), ONE), ONE),
        (BackendFailed("failed"), Usage()),
        (carrying(asyncio.CancelledError(), ONE), ONE),
        (asyncio.CancelledError(), None),
        (DeadlineExceeded("late"), None),
    ],
)
async def test_a_whole_call_is_counted_however_it_ends(
    error: BaseException | None, used: Usage | None
) -> None:
    with spending() as spent:
        await asyncio.gather(
            CountedLLM(Scripted(error)).async_chat(chat_request()), return_exceptions=True
        )

    assert spent.total == used


@pytest.mark.parametrize(
    ("error", "used"),
    [
        (None, THREE),
        (asyncio.CancelledError(), ONE),
        (carrying(asyncio.CancelledError(), THREE), THREE),
    ],
)
async def test_a_stream_is_counted_part_by_part(error: BaseException | None, used: Usage) -> None:
    async def consumed() -> None:
        async for _ in CountedLLM(Scripted(error)).async_stream(chat_request()):
            pass

    with spending() as spent:
        await asyncio.gather(consumed(), return_exceptions=True)

    assert spent.total == used


async def test_who_closes_a_stream_has_used_what_came() -> None:
    with spending() as spent:
        chunks = CountedLLM(Scripted()).async_stream(chat_request())
        await anext(chunks)
        await chunks.aclose()  # type: ignore[attr-defined]

    assert spent.total == ONE


async def test_calls_of_tasks_add_up() -> None:
    async def asks() -> None:
        await CountedLLM(Scripted()).async_chat(chat_request())

    with spending() as spent:
        await asyncio.gather(asks(), asks())

    assert spent.total == THREE + THREE


async def test_one_unknown_call_makes_the_sum_unknown() -> None:
    with spending() as spent:
        begin_call().usage = ONE
        begin_call()

    assert spent.total is None


async def test_requests_do_not_count_for_each_other() -> None:
    with spending() as outer:
        with spending() as inner:
            begin_call().usage = ONE
        begin_call().usage = THREE

    assert (outer.total, inner.total) == (THREE, ONE)
