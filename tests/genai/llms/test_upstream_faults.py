"""Every kind of misbehaviour of a model's server, against the whole of what protects a call."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, get_args

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, DeadlineExceeded, GenAIError, InvalidInput
from genai.factory.llm_factory import build_llms
from genai.llms.spent import spent_by
from genai.messages import Usage
from genai.settings.application import Settings
from tests.support.answering import context
from tests.support.fault_server import (
    ANSWER,
    FAULTS,
    WORDS,
    Behaviour,
    Connection,
    Fault,
    http,
    misbehaving,
)
from tests.support.language_models import chat_request, collect, text_of

WITHIN_S = 2.0
LATE_S = 15.0
"""A test's own machine may be slow; no fault may hold a request for longer than that beyond it."""

STAND_IN = "Somebody else answers."

Way = Literal["whole", "unstreamed", "streamed"]
"""To ask: for the whole, which the server streams or refuses to stream, or for a stream."""

ways = pytest.mark.parametrize("way", get_args(Way))
faults = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@asynccontextmanager
async def faulty(fault: Fault, name: str, way: Way = "streamed") -> AsyncIterator[BaseLLM]:
    """``alone`` has no fallback; ``backed`` has one that cannot fail and can continue."""
    behave = without_streams(fault.behave) if way == "unstreamed" else fault.behave
    async with misbehaving(behave) as url:
        llms = models(url)
        yield llms[name]
        for llm in llms.values():
            await llm.async_close()


def models(base_url: str) -> dict[str, BaseLLM]:
    upstream = {
        "backend": "openai",
        "model": "m",
        "base_url": base_url,
        "api_key_env": "FAULTY_KEY",
        "timeout_s": 0.5,
        "max_retries": 1,
        "price": {"input": 1.0, "output": 2.0},
    }
    fallback = {"backend": "scripted", "replies": (STAND_IN,)}
    llms = {
        "alone": upstream,
        "backed": upstream | {"fallbacks": ["stand-in"]},
        "stand-in": fallback,
    }
    others = {"chat": {"llm": "alone"}, "rag": {"llm": "alone"}, "agent": {"llm": "alone"}}
    quick = {"retry_base_s": 0.01, "retry_max_s": 0.05}
    settings = Settings.model_validate({"llms": llms, "resilience": quick, **others})
    return build_llms(settings, None)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTY_KEY", "none")


def without_streams(behave: Behaviour) -> Behaviour:
    """The same of a server that refuses to stream."""

    async def behaves(connection: Connection) -> None:
        if connection.streamed:
            said = {"error": {"message": "no", "param": "stream", "code": "unsupported_value"}}
            await connection.write(http(400, json.dumps(said).encode()))
        else:
            await behave(connection)

    return behaves


async def ask(llm: BaseLLM, *, streamed: bool) -> tuple[str, Usage]:
    request = chat_request(context=context(within_s=WITHIN_S))
    if not streamed:
        said = await llm.async_chat(request)
        return said.text, said.usage
    chunks = await collect(llm.async_stream(request))
    assert chunks[-1].usage is not None
    return text_of(chunks), chunks[-1].usage


def test_there_are_more_than_forty_kinds() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 80


@ways
@faults
async def test_a_model_alone_answers_or_fails_in_our_words_within_the_deadline(
    fault: Fault, way: Way
) -> None:
    async with faulty(fault, "alone", way) as llm:
        began = time.monotonic()
        outcome = await outcome_of(llm, streamed=way == "streamed")
        took_s = time.monotonic() - began
    assert took_s < WITHIN_S + LATE_S

    harmless = way == "unstreamed" and fault.of_streams
    if isinstance(outcome, GenAIError):
        assert fault.ending != "right", outcome
        assert not harmless, outcome
        assert "SECRET" not in outcome.message
        assert isinstance(outcome, BackendFailed | InvalidInput) or outcome.status in (503, 504)
        check_bill(spent_by(outcome))
    else:
        text, usage = outcome
        assert fault.ending != "fails" or harmless
        assert text in (ANSWER, "")
        check_bill(usage)


async def outcome_of(llm: BaseLLM, *, streamed: bool) -> tuple[str, Usage] | GenAIError:
    try:
        return await ask(llm, streamed=streamed)
    except GenAIError as error:
        return error


def check_bill(usage: Usage | None) -> None:
    """Never negative, never without reason, and never beyond belief."""
    if usage is None:
        return
    assert 0 <= usage.prompt_tokens <= 100_000_000
    assert 0 <= usage.completion_tokens <= 100_000_000
    assert usage.cost_micro_usd == usage.prompt_tokens + 2 * usage.completion_tokens


@ways
@faults
async def test_with_a_fallback_the_caller_gets_an_answer(fault: Fault, way: Way) -> None:
    async with faulty(fault, "backed", way) as llm:
        outcome = await outcome_of(llm, streamed=way == "streamed")

    if isinstance(outcome, GenAIError):
        # Who speaks without end and says nothing leaves no time for another; 4xx is the caller's.
        assert isinstance(outcome, DeadlineExceeded | InvalidInput), outcome
    else:
        assert outcome[0] in answers()


def answers() -> set[str]:
    """Right, the stand-in's, or begun by one and gone on with by the other."""
    begun = {"".join(WORDS[:said]) for said in range(len(WORDS) + 1)}
    return {ANSWER, ""} | {text + STAND_IN for text in begun}


async def test_a_server_that_is_gone_is_fallen_back_from() -> None:
    async with misbehaving(FAULTS[0].behave) as url:
        pass
    llms = models(url)

    text, _ = await ask(llms["backed"], streamed=True)

    assert text == STAND_IN
    for llm in llms.values():
        await llm.async_close()
