from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.completions import GuardedCompletions
from genai.errors import ContentRefused, NotFound
from genai.messages import (
    ChatRequest,
    Chunk,
    Completion,
    Message,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from tests.support.answering import WordGuard, context


class Telltale(BaseLLM):
    """Says a masked word in its text and in the arguments of a tool call, in pieces."""

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


def completions() -> tuple[GuardedCompletions, Telltale]:
    llm = Telltale()
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
