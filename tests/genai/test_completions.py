import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Literal

import pytest

from genai.base.llm import BaseLLM
from genai.completions import GuardedCompletions
from genai.errors import BackendFailed, ContentRefused, NotFound
from genai.factory.safety_factory import build_guard
from genai.llms.failover.chain import FallbackLLM
from genai.llms.spent import spent_by
from genai.llms.unavailable import UnavailableLLM
from genai.llms.wrappers.priced import PricedLLM
from genai.messages import (
    ChatRequest,
    Chunk,
    Completion,
    Message,
    Sampling,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from genai.meter import Meter
from genai.settings.models import Price
from genai.settings.safety import SafetySettings
from tests.support.answering import WordGuard, context
from tests.support.language_models import FlakyLLM, chat_request, collect, text_of


class EscapingLLM(BaseLLM):
    """Streams a card number with JSON escapes, in text and arguments, character by character."""

    name = "escaping"
    ARGUMENTS = r'{"n": "\u0034111 1111\n1111 1111", "a": "4111 1111", "b": "1111 1111"}'

    async def async_chat(self, request: ChatRequest) -> Completion:
        call = ToolCall(id="c1", name="note", arguments=self.ARGUMENTS)
        return Completion(text=self.ARGUMENTS, model="escaping", tool_calls=(call,))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for letter in self.ARGUMENTS:
            yield Chunk(text=letter)
        for letter in self.ARGUMENTS:
            call = ToolCallDelta(index=0, id="c1", name="note", arguments=letter)
            yield Chunk(tool_calls=(call,))
        yield Chunk(model="escaping", finish_reason="tool_calls")


class LeakingLLM(BaseLLM):
    """Streams a redacted word in its text and in tool arguments, in pieces."""

    name = "telltale"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        call = ToolCall(id="c1", name="note", arguments='{"text": "a secret"}')
        return Completion(text="a secret", model="telltale", tool_calls=(call,))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.asked.append(request)
        for text in ("a sec", "ret ", "end"):
            yield Chunk(text=text, model="telltale")
        yield Chunk(
            tool_calls=(ToolCallDelta(index=0, id="c1", name="note", arguments='{"t":"sec'),)
        )
        yield Chunk(
            tool_calls=(ToolCallDelta(index=0, arguments='ret"}'),),
            model="telltale",
            finish_reason="tool_calls",
            usage=Usage(completion_tokens=3),
        )


def request(*contents: str) -> ChatRequest:
    messages = tuple(Message(role="user", content=content) for content in contents)
    return ChatRequest(messages=messages, context=context())


def completions() -> tuple[GuardedCompletions, LeakingLLM]:
    llm = LeakingLLM()
    return GuardedCompletions(WordGuard(), {"telltale": llm}), llm


async def test_text_and_arguments_are_redacted() -> None:
    subject, _ = completions()

    said = await subject.async_chat("telltale", request("hi"))

    assert said.text == "a <MASKED>"
    assert said.tool_calls[0].arguments == '{"text": "a <MASKED>"}'


async def test_pieces_of_a_masked_word_never_leave_a_stream() -> None:
    subject, _ = completions()

    chunks = [chunk async for chunk in subject.async_stream("telltale", request("hi"))]

    assert "".join(chunk.text for chunk in chunks) == "a <MASKED> end"
    assert chunks[-1].tool_calls[0].arguments == '{"t":"<MASKED>"}'
    assert chunks[-1].tool_calls[0].name == "note"
    assert chunks[-1].finish_reason == "tool_calls"
    assert chunks[-1].usage == Usage(completion_tokens=3)


async def test_every_message_is_checked_before_the_model_sees_any() -> None:
    subject, llm = completions()

    await subject.async_chat("telltale", request("my secret", "and\x02\x02more"))

    assert [message.content for message in llm.asked[0].messages] == [
        "my <MASKED>",
        "and\x02\x02more",
    ]


async def test_a_refused_message_never_reaches_the_model() -> None:
    subject, llm = completions()

    with pytest.raises(ContentRefused):
        await subject.async_chat("telltale", request("fine", "build a bomb"))

    assert llm.asked == []


async def test_an_unknown_model_is_not_found() -> None:
    subject, _ = completions()

    with pytest.raises(NotFound):
        await subject.async_chat("gpt-9", request("hi"))


async def test_a_model_without_its_key_is_not_found_either() -> None:
    subject = GuardedCompletions(
        WordGuard(), {"here": LeakingLLM(), "gone": UnavailableLLM("gone", "")}
    )

    with pytest.raises(NotFound):
        await subject.async_chat("gone", request("hi"))
    with pytest.raises(NotFound):
        await anext(subject.async_stream("gone", request("hi")))
    assert subject.models() == ("here", "gone")
    assert await subject.async_available() == ("here",)


class HangingLLM(LeakingLLM):
    """Says a few words and then hangs."""

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for text in ("so ", "far ", "so ", "good"):
            yield Chunk(text=text, model="slow")
        await asyncio.Event().wait()


async def test_a_client_that_disconnects_is_charged_for_the_text_so_far() -> None:
    priced = PricedLLM(HangingLLM(), Price(output=10.0))
    meter = Meter()

    stream = GuardedCompletions(WordGuard(), {"slow": priced}).async_stream(
        "slow", request("hello"), meter
    )
    text = ""
    while text != "so far so ":  # the last word is held back, because it may be incomplete
        text += (await anext(stream)).text
    await stream.aclose()  # type: ignore[attr-defined]

    used = meter.reading(99, 50)
    assert used.cost_micro_usd == 10 * used.completion_tokens > 0
    assert (used.completion_tokens, used.prompt_tokens < 99) == (4, True)


async def test_without_a_price_the_generated_text_is_counted() -> None:
    meter = Meter()

    stream = GuardedCompletions(WordGuard(), {"slow": HangingLLM()}).async_stream(
        "slow", request("hello"), meter
    )
    before = meter.reading(99, 50)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]

    assert before == Usage()
    assert meter.reading(99, 50).prompt_tokens == 99
    assert meter.reading(99, 50).completion_tokens > 0


class VerboseLLM(LeakingLLM):
    """Streams a token of a long word each millisecond; reports its usage if ``counts``."""

    def __init__(self, *, counts: bool) -> None:
        super().__init__()
        self._counts = counts

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for made in range(1, 10_000):
            await asyncio.sleep(0.001)
            spent = Usage(prompt_tokens=5, completion_tokens=made) if self._counts else None
            yield Chunk(text="incomprehensibilities ", model="verbose", spent=spent)


async def left_after(llm: BaseLLM, chunks: int, meter: Meter) -> None:
    brief = request("hello").model_copy(update={"sampling": Sampling(max_tokens=20)})
    stream = GuardedCompletions(WordGuard(), {"verbose": llm}).async_stream("verbose", brief, meter)
    async with aclosing(stream):  # type: ignore[type-var]
        for _ in range(chunks):
            await anext(stream)


async def test_a_disconnect_is_charged_by_the_reported_usage() -> None:
    meter = Meter()

    await left_after(VerboseLLM(counts=True), 30, meter)

    used = meter.reading(99, 1000)
    assert used.prompt_tokens == 5
    assert 30 <= used.completion_tokens <= 60  # includes text that the check holds back


@pytest.mark.parametrize("price", [None, Price(output=10.0)])
async def test_a_disconnect_is_never_charged_above_max_tokens(
    price: Price | None,
) -> None:
    meter = Meter()
    silent = VerboseLLM(counts=False)

    await left_after(PricedLLM(silent, price) if price else silent, 40, meter)

    assert meter.reading(99, 20).completion_tokens == 20


async def test_a_refused_answer_is_charged() -> None:
    class RefusedLLM(LeakingLLM):
        async def async_chat(self, request: ChatRequest) -> Completion:
            return Completion(text="a bomb", model="b", usage=Usage(completion_tokens=2))

    with pytest.raises(ContentRefused) as refused:
        await GuardedCompletions(WordGuard(), {"b": RefusedLLM()}).async_chat("b", request("hello"))
    with pytest.raises(ContentRefused) as unasked:
        await GuardedCompletions(WordGuard(), {"b": RefusedLLM()}).async_chat("b", request("bomb"))

    assert spent_by(refused.value) == Usage(completion_tokens=2)
    assert spent_by(unasked.value) is None


class EchoLLM(BaseLLM):
    """Repeats the last message letter by letter, and calls a tool with it."""

    name = "parrot"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        said = request.messages[-1].content
        call = ToolCall(id="c1", name="note", arguments=json.dumps({"text": said}))
        return Completion(text=said, model="parrot", tool_calls=(call,))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.asked.append(request)
        said = request.messages[-1].content
        for letter in said:
            yield Chunk(text=letter, model="parrot")
        arguments = json.dumps({"text": said})
        yield Chunk(tool_calls=(ToolCallDelta(index=0, id="c1", name="note", arguments=arguments),))


class TestPersonalData:
    ASKED = "Is 4111 1111 1111 1111 the card of anna@example.com?"

    def subject(self) -> tuple[GuardedCompletions, EchoLLM]:
        llm = EchoLLM()
        return GuardedCompletions(build_guard(SafetySettings()), {"parrot": llm}), llm

    async def test_the_model_sees_placeholders_and_the_caller_his_data(self) -> None:
        subject, llm = self.subject()

        completion = await subject.async_chat("parrot", request(self.ASKED))

        assert re.fullmatch(
            r"Is <CREDIT_CARD_1_\w{5}> the card of <EMAIL_ADDRESS_1_\w{5}>\?",
            llm.asked[0].messages[0].content,
        )
        assert completion.text == self.ASKED
        assert json.loads(completion.tool_calls[0].arguments) == {"text": self.ASKED}

    async def test_a_stream_gives_it_back_too(self) -> None:
        subject, _ = self.subject()

        chunks = [chunk async for chunk in subject.async_stream("parrot", request(self.ASKED))]

        assert "".join(chunk.text for chunk in chunks) == self.ASKED
        assert json.loads(chunks[-1].tool_calls[0].arguments) == {"text": self.ASKED}

    async def test_earlier_tool_calls_are_hidden_from_the_model(self) -> None:
        subject, llm = self.subject()
        call = ToolCall(id="c1", name="note", arguments='{"mail": "anna@example.com"}')
        earlier = Message(role="assistant", tool_calls=(call,))
        asked = Message(role="user", content="go on")

        await subject.async_chat(
            "parrot", ChatRequest(messages=(earlier, asked), context=context())
        )

        [hidden] = llm.asked[0].messages[0].tool_calls
        assert re.fullmatch(r'\{"mail": "<EMAIL_ADDRESS_1_\w{5}>"\}', hidden.arguments)


class TestLinks:
    """The model repeats the last message, of the user or of a tool."""

    LINK = "https://elsewhere.example/?q=1"

    async def said(self, role: Literal["user", "tool"]) -> tuple[Completion, list[Chunk]]:
        subject = GuardedCompletions(build_guard(SafetySettings()), {"parrot": EchoLLM()})
        message = Message(role=role, content=f"see {self.LINK} now", tool_call_id="c1")
        asked = request("Hello.")
        asked = asked.model_copy(update={"messages": (*asked.messages, message)})
        chunks = [chunk async for chunk in subject.async_stream("parrot", asked)]
        return await subject.async_chat("parrot", asked), chunks

    @pytest.mark.parametrize(
        ("role", "shown"), [("tool", "see <LINK> now"), ("user", f"see {LINK} now")]
    )
    async def test_only_links_that_the_caller_gave_pass_in_text_and_arguments(
        self, role: Literal["user", "tool"], shown: str
    ) -> None:
        whole, chunks = await self.said(role)

        arguments = [call.arguments for call in (*whole.tool_calls, *chunks[-1].tool_calls)]
        assert [whole.text, "".join(chunk.text for chunk in chunks)] == [shown, shown]
        assert [json.loads(text) for text in arguments] == [{"text": shown}] * 2


async def test_a_restarted_answer_is_checked_from_its_start_and_holds_nothing_of_the_first() -> (
    None
):
    first = FlakyLLM(("my secr", BackendFailed("down")))
    second = FlakyLLM("et is safe", name="second")
    guarded = GuardedCompletions(WordGuard(), {"m": FallbackLLM([first, second])})
    request = chat_request(sampling=Sampling(on_break="restart"))

    chunks = await collect(guarded.async_stream("m", request))

    (restart,) = [n for n, chunk in enumerate(chunks) if chunk.restarted]
    assert text_of(chunks[restart:]) == "et is safe "
    assert chunks[restart].degraded == "flaky: backend_failed"


class SchemaLLM(BaseLLM):
    """Streams the value that the schema fixes, character by character."""

    name = "dictated"

    def __init__(self, said: str) -> None:
        self._said = said

    async def async_chat(self, request: ChatRequest) -> Completion:
        call = ToolCall(id="c1", name="note", arguments=self._said)
        return Completion(text=self._said, model="dictated", tool_calls=(call,))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for letter in self._said:
            yield Chunk(text=letter, model="dictated")
        call = ToolCallDelta(index=0, id="c1", name="note", arguments=self._said)
        yield Chunk(tool_calls=(call,), model="dictated", finish_reason="stop")


def dictating(value: object) -> ChatRequest:
    schema = {
        "type": "object",
        "properties": {"jo@corp.example": {"enum": [value]}, "back\\slash": {"const": 7}},
    }
    spec = ToolSpec(name="note", parameters=json.dumps(schema))
    return chat_request(sampling=Sampling(json_schema=json.dumps(schema)), tools=(spec,))


@pytest.mark.parametrize(
    "value",
    [
        "help@bank.example",
        "Write to help@bank.example or call.",
        "https://elsewhere.example/x?y=1",
        4111111111111111,
        "DE89370400440532013000",
        "192.0.2.7",
    ],
)
async def test_values_fixed_by_the_callers_schema_are_not_redacted(value: object) -> None:
    said = json.dumps({"jo@corp.example": value, "back\\slash": 7}, separators=(",", ":"))
    guard = build_guard(SafetySettings())
    subject = GuardedCompletions(guard, {"dictated": SchemaLLM(said)})

    whole = await subject.async_chat("dictated", dictating(value))
    chunks = await collect(subject.async_stream("dictated", dictating(value)))

    calls = (*whole.tool_calls, *chunks[-1].tool_calls)
    assert {whole.text, text_of(chunks), *(call.arguments for call in calls)} == {said}


async def test_values_not_fixed_by_the_schema_are_redacted() -> None:
    said = '{"jo@corp.example":"eve@other.example","back\\\\slash":7}'
    subject = GuardedCompletions(build_guard(SafetySettings()), {"dictated": SchemaLLM(said)})

    whole = await subject.async_chat("dictated", dictating("help@bank.example"))
    chunks = await collect(subject.async_stream("dictated", dictating("help@bank.example")))

    shown = '{"jo@corp.example":"<EMAIL_ADDRESS>","back\\\\slash":7}'
    assert (whole.text, text_of(chunks)) == (shown, shown)


async def test_escapes_and_fields_hide_no_number_in_texts_and_arguments() -> None:
    completions = GuardedCompletions(build_guard(SafetySettings()), {"escaping": EscapingLLM()})

    chunks = await collect(completions.async_stream("escaping", chat_request("note it")))
    whole = await completions.async_chat("escaping", chat_request("note it"))

    shown = '{"n": "<CREDIT_CARD>", "a": "<CREDIT_CARD>", "b": "<CREDIT_CARD>"}'
    calls = (*chunks[-1].tool_calls, *whole.tool_calls)
    assert {text_of(chunks), whole.text, *(call.arguments for call in calls)} == {shown}


class JSONEchoLLM(BaseLLM):
    """Repeats the last message as JSON, character by character."""

    name = "repeating"

    async def async_chat(self, request: ChatRequest) -> Completion:
        said = json.dumps({"asked": request.messages[-1].content})
        return Completion(text=said, model=self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for letter in (await self.async_chat(request)).text:
            yield Chunk(text=letter, model=self.name)


async def test_requested_json_stays_valid_when_multi_line_data_is_restored() -> None:
    subject = GuardedCompletions(build_guard(SafetySettings()), {"repeating": JSONEchoLLM()})
    asked = ChatRequest(
        messages=(Message(role="user", content="4111 1111\n1111 1111"),),
        sampling=Sampling(json_schema="{}"),
        context=context(),
    )

    whole = await subject.async_chat("repeating", asked)
    chunks = await collect(subject.async_stream("repeating", asked))

    told = [json.loads(text)["asked"] for text in (whole.text, text_of(chunks))]
    assert told == ["4111 1111\n1111 1111"] * 2
