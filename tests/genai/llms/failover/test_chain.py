"""Models that break: before the first word, and at every boundary between two parts of an answer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_tokens
from genai.errors import (
    BackendFailed,
    CircuitOpen,
    DeadlineExceeded,
    GenAIError,
    InvalidInput,
    ModelUnavailable,
    Overloaded,
)
from genai.llms.failover import chain
from genai.llms.failover.chain import MOST_BREAKS, FallbackLLM
from genai.llms.failover.watched import WatchedLLM
from genai.llms.unavailable import UnavailableLLM
from genai.llms.wrappers.priced import PricedLLM
from genai.llms.wrappers.resilient import CircuitBreakerLLM
from genai.messages import (
    ChatRequest,
    Chunk,
    Citation,
    Completion,
    Sampling,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.settings.models import Price
from tests.support.answering import context
from tests.support.language_models import (
    FlakyLLM,
    chat_request,
    collect,
    collect_until_error,
    text_of,
)

DOWN = BackendFailed("down")


async def test_the_next_model_answers_and_the_answer_says_why() -> None:
    for error in (DOWN, Overloaded("busy"), CircuitOpen("open")):
        llm = FallbackLLM([FlakyLLM(error, name="first"), FlakyLLM("hello", name="second")])

        said = await llm.async_chat(chat_request())

        assert (said.text, said.model) == ("hello", "second")
        assert said.degraded == f"first: {error.code}"


async def test_a_callers_mistake_is_not_asked_of_the_next_model() -> None:
    second = FlakyLLM("never")
    llm = FallbackLLM([FlakyLLM(InvalidInput("no")), second])

    with pytest.raises(InvalidInput):
        await llm.async_chat(chat_request())
    assert second.requests == []


@pytest.mark.parametrize("links", [2, 3])
async def test_what_a_stand_in_cannot_do_is_not_told_as_the_callers_mistake(links: int) -> None:
    unable = InvalidInput("this model cannot follow a JSON schema", "response_format")
    others = [FlakyLLM(unable, unable) for _ in range(links - 1)]
    llm = FallbackLLM([FlakyLLM(DOWN, DOWN), *others])

    with pytest.raises(BackendFailed, match="down"):
        await llm.async_chat(chat_request())
    with pytest.raises(BackendFailed, match="down"):
        await collect(llm.async_stream(chat_request()))


async def test_a_stand_in_that_cannot_is_passed_over_for_one_that_can() -> None:
    unable, able = FlakyLLM(InvalidInput("no"), InvalidInput("no")), FlakyLLM("yes", "yes")
    llm = FallbackLLM([FlakyLLM(DOWN, DOWN, name="first"), unable, able])

    said = await llm.async_chat(chat_request())
    streamed = await collect(llm.async_stream(chat_request()))

    assert (said.text, said.degraded) == ("yes", "first: backend_failed")
    assert text_of(streamed).strip() == "yes"


async def test_a_model_that_lacks_its_key_is_the_reason_where_the_others_only_cannot() -> None:
    llm = FallbackLLM([UnavailableLLM("openai", "no key"), FlakyLLM(InvalidInput("no"))])

    with pytest.raises(ModelUnavailable):
        await llm.async_chat(chat_request())


async def test_the_last_models_error_is_the_callers() -> None:
    llm = FallbackLLM([FlakyLLM(DOWN), FlakyLLM(Overloaded("busy"))])

    with pytest.raises(Overloaded):
        await llm.async_chat(chat_request())


async def test_a_stream_falls_back_before_its_first_part() -> None:
    llm = FallbackLLM([FlakyLLM(DOWN, name="first"), FlakyLLM("hello there", name="second")])

    chunks = await collect(llm.async_stream(chat_request()))

    assert text_of(chunks) == "hello there "
    assert {chunk.degraded for chunk in chunks} == {"first: backend_failed"}


async def test_a_broken_stream_goes_on_with_a_model_that_can_continue_it() -> None:
    unable = FlakyLLM("never")
    able = FlakyLLM("three", name="third", continues=True)
    llm = FallbackLLM([FlakyLLM(("one two", DOWN)), unable, able])

    chunks = await collect(llm.async_stream(chat_request()))

    assert text_of(chunks) == "one two three "
    assert able.requests[0].messages[-1].content == "one two "
    assert unable.requests == []


async def test_a_broken_stream_that_nobody_can_continue_ends_with_its_error() -> None:
    json_only = Sampling(json_schema='{"type": "object"}')
    for request, able in ((chat_request(), False), (chat_request(sampling=json_only), True)):
        llm = FallbackLLM([FlakyLLM(("one", DOWN)), FlakyLLM("never", continues=able)])

        with pytest.raises(BackendFailed):
            await collect(llm.async_stream(request))


async def test_leaving_a_stream_closes_every_layer_of_it() -> None:
    inner = FlakyLLM("one two three")
    llm = FallbackLLM(
        [CircuitBreakerLLM(inner, Circuit(failures=2, cooldown_s=60.0)), FlakyLLM("never")]
    )
    stream = llm.async_stream(chat_request())

    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]

    assert inner.closed == 1


class Author(BaseLLM):
    """Writes the same ``parts`` in every answer, and breaks where it is told to, call by call.

    A request that ends with what was begun gets the rest, if the author ``continues``.
    """

    def __init__(
        self,
        parts: Sequence[Chunk],
        breaks: Sequence[int] = (),
        *,
        name: str = "author",
        continues: bool = False,
        replaceable: bool = False,
    ) -> None:
        self.name = name
        self.continues = continues
        self.replaceable = replaceable
        self.requests: list[ChatRequest] = []
        self._parts = list(parts)
        self._breaks = list(breaks)

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise NotImplementedError

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.requests.append(request)
        parts = self._parts
        last = request.messages[-1]
        if self.continues and last.role == "assistant":
            parts = rest_of(parts, last.content)
        breaks = self._breaks.pop(0) if self._breaks else len(parts) + 1
        for part in parts[:breaks]:
            yield part.model_copy(update={"model": self.name})
        if breaks <= len(parts):
            raise BackendFailed("broken")
        yield Chunk(model=self.name, finish_reason="stop", usage=Usage(completion_tokens=1))


def rest_of(parts: Sequence[Chunk], said: str) -> list[Chunk]:
    whole = "".join(part.text for part in parts)
    assert whole.startswith(said)
    return [Chunk(text=whole[len(said) :])] if len(said) < len(whole) else []


def words(text: str) -> list[Chunk]:
    return [Chunk(text=word) for word in text.split("|")]


WORDS = words("The |card |costs |five |euros.")
TEXT = "The card costs five euros."


@given(at=st.integers(0, len(WORDS)))
async def test_a_second_model_goes_on_at_every_boundary(at: int) -> None:
    llm = FallbackLLM([Author(WORDS, [at]), Author(WORDS, name="second", continues=True)])

    chunks = await collect(llm.async_stream(chat_request()))

    assert text_of(chunks) == TEXT
    assert chunks[-1].degraded == "author: backend_failed"


@given(breaks=st.lists(st.integers(0, len(WORDS)), max_size=MOST_BREAKS - 1))
@pytest.mark.parametrize("continues", [True, False])
async def test_another_replica_of_the_same_model_goes_on_at_every_boundary(
    breaks: list[int], continues: bool
) -> None:
    author = Author(WORDS, breaks, continues=continues, replaceable=True)

    chunks = await collect(FallbackLLM([author]).async_stream(chat_request()))

    assert text_of(chunks) == TEXT
    assert {chunk.degraded for chunk in chunks} == {None}


@given(texts=st.lists(st.text(max_size=5), min_size=1, max_size=8), data=st.data())
async def test_no_text_is_missing_or_said_twice_however_it_is_cut(
    texts: list[str], data: st.DataObject
) -> None:
    parts = [Chunk(text=text) for text in texts]
    breaks = data.draw(st.lists(st.integers(0, len(parts)), max_size=MOST_BREAKS - 1))
    author = Author(parts, breaks, replaceable=True)

    chunks = await collect(FallbackLLM([author]).async_stream(chat_request()))

    assert text_of(chunks) == "".join(texts)


JSON_ONLY = Sampling(json_schema='{"type": "object"}')


@given(at=st.integers(0, 4))
async def test_json_goes_on_from_the_same_model_and_stays_whole(at: int) -> None:
    author = Author(words('{"a|": [1|, 2]|}'), [at], continues=True, replaceable=True)
    llm = FallbackLLM([author, Author(WORDS, continues=True)])

    chunks = await collect(llm.async_stream(chat_request(sampling=JSON_ONLY)))

    assert text_of(chunks) == '{"a": [1, 2]}'
    assert all(request.messages[-1].role == "user" for request in author.requests)


async def test_an_answer_that_begins_otherwise_is_not_mixed_with_the_first() -> None:
    fickle = FlakyLLM(("one two", DOWN), "one three")
    fickle.replaceable = True

    chunks, error = await collect_until_error(FallbackLLM([fickle]).async_stream(chat_request()))

    assert text_of(chunks) == "one two "
    assert isinstance(error, BackendFailed)


CITED = [
    Chunk(text=text, citations=(Citation(document_id=str(at), title="Fees", quote=text),))
    for at, text in enumerate(("A card ", "costs five ", "euros."))
]


@given(at=st.integers(0, len(CITED)))
async def test_no_citation_is_missing_or_comes_twice(at: int) -> None:
    author = Author(CITED, [at], replaceable=True)

    chunks = await collect(FallbackLLM([author]).async_stream(chat_request()))

    assert [one.document_id for chunk in chunks for one in chunk.citations] == ["0", "1", "2"]


CALL = [
    Chunk(tool_calls=(ToolCallDelta(index=0, id="c", name="sql", arguments='{"q'),)),
    Chunk(tool_calls=(ToolCallDelta(index=0, arguments='": "x'),)),
    Chunk(tool_calls=(ToolCallDelta(index=0, arguments='"}'),)),
]
WITH_TOOLS = {"tools": (ToolSpec(name="sql"),)}


@given(at=st.integers(0, len(CALL)))
async def test_a_tool_call_is_intact_wherever_the_first_model_breaks(at: int) -> None:
    llm = FallbackLLM([Author(CALL, [at]), Author(CALL, name="second")])

    chunks = await collect(llm.async_stream(chat_request(**WITH_TOOLS)))

    deltas = [delta for chunk in chunks for delta in chunk.tool_calls]
    assert "".join(delta.arguments for delta in deltas) == '{"q": "x"}'
    assert [delta.name for delta in deltas if delta.name] == ["sql"]


async def test_a_model_that_keeps_breaking_is_given_up() -> None:
    author = Author(WORDS, [0] * 10, continues=True, replaceable=True)
    second = Author(WORDS, name="second", continues=True)

    chunks = await collect(FallbackLLM([author, second]).async_stream(chat_request()))

    assert text_of(chunks) == TEXT
    assert (len(author.requests), len(second.requests)) == (MOST_BREAKS, 1)


async def test_a_model_that_alone_can_go_on_is_waited_for_while_its_engine_is_started_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chain, "STALLED", Backoff(0.001, 0.001))
    author = Author(WORDS, [2] + [0] * 8, continues=True, replaceable=True)
    extractive = Author(WORDS, name="extractive")

    chunks = await collect(FallbackLLM([author, extractive]).async_stream(chat_request()))

    assert text_of(chunks) == TEXT
    assert len(author.requests) == 10
    assert extractive.requests == []


async def test_nobody_waits_for_it_beyond_the_deadline() -> None:
    author = Author(WORDS, [2] + [0] * 100, continues=True, replaceable=True)
    request = chat_request(context=context(within_s=0.5))

    said, error = await collect_until_error(FallbackLLM([author]).async_stream(request))

    assert (text_of(said), error.code) == ("The card ", "backend_failed")


async def test_the_rest_of_an_answer_may_be_no_longer_than_the_whole() -> None:
    second = Author(WORDS, name="second", continues=True)
    llm = FallbackLLM([Author(WORDS, [3]), second])

    await collect(llm.async_stream(chat_request(sampling=Sampling(max_tokens=20))))

    assert second.requests[0].sampling.max_tokens < 20


@given(at=st.integers(1, len(WORDS)))
async def test_a_caller_who_chose_restarts_gets_another_answer_from_the_start(at: int) -> None:
    llm = FallbackLLM([Author(WORDS, [at]), Author(words("It |is |free."), name="second")])

    chunks = await collect(llm.async_stream(chat_request(sampling=Sampling(on_break="restart"))))

    (restart,) = [n for n, chunk in enumerate(chunks) if chunk.restarted]
    assert text_of(chunks[:restart]) == text_of(WORDS[:at])
    assert text_of(chunks[restart:]) == "It is free."
    assert chunks[restart].degraded == "author: backend_failed"


@given(at=st.integers(0, len(WORDS)))
async def test_each_model_is_paid_for_what_it_said(at: int) -> None:
    price = Price(output=1.0)
    first = PricedLLM(Author(WORDS, [at]), price)
    second = PricedLLM(Author(WORDS, name="second", continues=True), price)

    chunks = await collect(FallbackLLM([first, second]).async_stream(chat_request()))

    usage = chunks[-1].usage
    assert usage is not None
    bills = {bill.model: bill for bill in usage.bills}
    heard = sum(estimate_tokens(part.text) for part in WORDS[:at])
    assert ("author" in bills) == (at > 0), "who failed before the first word is paid nothing"
    first_said = bills["author"].completion_tokens if at else 0
    assert at <= first_said <= max(at, heard)
    assert bills["second"].completion_tokens == 1
    assert usage.cost_micro_usd == first_said + 1


async def test_what_broken_models_cost_is_known_when_nobody_can_go_on() -> None:
    first = PricedLLM(Author(WORDS, [2]), Price(output=1.0))

    _, error = await collect_until_error(
        FallbackLLM([first, Author(WORDS)]).async_stream(chat_request())
    )

    spent: Usage = vars(error)["spent"]
    assert spent.cost_micro_usd >= 2


async def test_a_chain_ends_by_what_broke_and_not_by_a_model_that_lacks_its_key() -> None:
    chain = FallbackLLM([FlakyLLM(DOWN, DOWN), UnavailableLLM("cloud", "no key")])

    with pytest.raises(BackendFailed):
        await chain.async_chat(chat_request())
    with pytest.raises(BackendFailed):
        await collect(chain.async_stream(chat_request()))
    assert await chain.async_available()


async def test_a_chain_of_models_without_keys_is_not_there() -> None:
    chain = FallbackLLM([UnavailableLLM("a", "no key"), UnavailableLLM("b", "no key")])

    with pytest.raises(ModelUnavailable):
        await chain.async_chat(chat_request())
    assert not await chain.async_available()


class Restarting(Author):
    """Breaks off, is not there for a while, and then goes on."""

    def __init__(self, parts: Sequence[Chunk], breaks: Sequence[int]) -> None:
        super().__init__(parts, breaks, continues=True, replaceable=True)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        if self.requests:
            await asyncio.sleep(0.1)
        async for chunk in super().async_stream(request):
            yield chunk

    async def async_check_health(self) -> None:
        raise BackendFailed("nobody runs it")


@given(at=st.integers(1, len(WORDS)))
@settings(max_examples=5, deadline=None)
async def test_a_model_that_alone_can_go_on_is_waited_for(at: int) -> None:
    restarting = WatchedLLM(Restarting(WORDS, [at]), 0.02)

    llm = FallbackLLM([restarting, FlakyLLM("never", name="second")])

    assert text_of(await collect(llm.async_stream(chat_request()))) == TEXT


class Busy(Author):
    """Answers after a while, although nobody who looks for it finds it; its first calls break off."""

    def __init__(self, *, broken_calls: int = 0, takes_s: float = 0.1) -> None:
        super().__init__(WORDS, [0] * broken_calls, name="busy", replaceable=True)
        self._takes_s = takes_s

    async def async_chat(self, request: ChatRequest) -> Completion:
        parts = await collect(self.async_stream(request))
        return Completion(text=text_of(parts), model=self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        await asyncio.sleep(self._takes_s)
        async for chunk in super().async_stream(request):
            yield chunk

    async def async_check_health(self) -> None:
        raise BackendFailed("no answer to a ping")


UNABLE = InvalidInput("this model cannot follow a JSON schema", "response_format")


@pytest.mark.parametrize("broken_calls", [0, 2])
@pytest.mark.parametrize("error", [UNABLE, DOWN])
async def test_a_model_that_is_only_silent_is_waited_for_where_nobody_else_can_answer(
    error: GenAIError, broken_calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "STALLED", Backoff(0.001, 0.001))
    busy = WatchedLLM(Busy(broken_calls=broken_calls), 0.02, cooldown_s=60.0)
    llm = FallbackLLM([busy, FlakyLLM(error, error)])

    said = await llm.async_chat(chat_request())
    streamed = await collect(llm.async_stream(chat_request()))

    assert (said.text, said.degraded) == (TEXT, None)
    assert (text_of(streamed), {chunk.degraded for chunk in streamed}) == (TEXT, {None})
    await busy.async_close()


async def test_a_silent_model_is_waited_for_until_the_deadline_and_no_longer() -> None:
    busy = WatchedLLM(Busy(broken_calls=100, takes_s=0.03), 0.02, cooldown_s=60.0)
    llm = FallbackLLM([busy, FlakyLLM(UNABLE, UNABLE)])

    async with asyncio.timeout(5):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request(context=context(within_s=0.4)))
        with pytest.raises(BackendFailed):
            await collect(llm.async_stream(chat_request(context=context(within_s=0.4))))
    await busy.async_close()


async def test_who_can_stand_in_for_a_silent_model_does() -> None:
    busy = WatchedLLM(Busy(takes_s=60.0), 0.02, cooldown_s=60.0)
    llm = FallbackLLM([busy, FlakyLLM("hello", name="second")])

    said = await llm.async_chat(chat_request())

    assert (said.text, said.degraded) == ("hello", "busy: backend_failed")
    await busy.async_close()


async def test_what_broken_models_cost_is_told_once_whichever_error_is_raised() -> None:
    paid = BackendFailed("down")
    paid.__dict__["spent"] = Usage(cost_micro_usd=5)
    llm = FallbackLLM([FlakyLLM(paid), FlakyLLM(UNABLE)])

    with pytest.raises(BackendFailed) as raised:
        await llm.async_chat(chat_request())

    assert vars(raised.value)["spent"] == Usage(cost_micro_usd=5)


class Recorded(BaseLLM):
    """Plays back its calls: the parts of each, or what it fails by."""

    name = "recorded"
    replaceable = True

    def __init__(self, *calls: Sequence[Chunk | GenAIError]) -> None:
        self._calls = list(calls)

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise NotImplementedError

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for part in self._calls.pop(0):
            if isinstance(part, GenAIError):
                raise part
            yield part


BEGUN = Chunk(text="one", spent=Usage(cost_micro_usd=3))
OTHER = Chunk(text="other", finish_reason="stop", usage=Usage(cost_micro_usd=5))


@pytest.mark.parametrize(
    ("second", "cost"),
    [
        ([OTHER], 8),
        ([Chunk(spent=Usage(cost_micro_usd=2)), DeadlineExceeded("too late")], 5),
    ],
)
async def test_what_was_heard_of_the_last_model_is_charged_too(
    second: Sequence[Chunk | GenAIError], cost: int
) -> None:
    llm = FallbackLLM([Recorded([BEGUN, BackendFailed("down")], second)])

    _, error = await collect_until_error(llm.async_stream(chat_request()))

    assert vars(error)["spent"] == Usage(cost_micro_usd=cost)


async def test_nobody_is_said_to_take_over_from_the_last_model(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    llm = FallbackLLM([FlakyLLM(DOWN, name="first"), FlakyLLM(DOWN, name="second")])

    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())

    assert [vars(record)["model"] for record in caplog.records] == ["first"]
