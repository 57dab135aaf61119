"""Numbers here are test numbers of the networks, or made up."""

import json
from collections.abc import Sequence

from genai.base.llm import BaseLLM
from genai.messages import ChatRequest, Chunk, Completion, Message, ToolCall
from genai.safety.identifiers import ENTITIES
from genai.safety.retelling.llm import DiscreetLLM
from tests.support.answering import context

CARD = "4111 1111 1111 1111"
SPELT = "four one one one " * 3 + "four one one one"
ONES = "four" + " one" * 15


class Saying(BaseLLM):
    """Says these parts, or makes a call with these arguments."""

    name = "saying"

    def __init__(self, *parts: str, arguments: Sequence[str] = (), restarts_at: int = -1) -> None:
        self._parts = parts
        self._arguments = arguments
        self._restarts_at = restarts_at

    async def async_chat(self, request: ChatRequest) -> Completion:
        calls = tuple(ToolCall(id="c", name="t", arguments=one) for one in self._arguments)
        return Completion(text="".join(self._parts), model=self.name, tool_calls=calls)

    async def async_stream(self, request):  # type: ignore[no-untyped-def]
        for at, part in enumerate(self._parts):
            yield Chunk(text=part, model=self.name, restarted=at == self._restarts_at)
        yield Chunk(model=self.name, finish_reason="stop")


def read(*texts: str) -> ChatRequest:
    messages = tuple(Message(role="user", content=text) for text in texts)
    return ChatRequest(messages=messages, context=context())


async def streamed(llm: BaseLLM, request: ChatRequest) -> tuple[str, list[str]]:
    chunks = [chunk async for chunk in llm.async_stream(request)]
    actions = [decision.action for chunk in chunks for decision in chunk.safety]
    return "".join(chunk.text for chunk in chunks), actions


async def test_data_that_it_has_read_is_not_told_in_words() -> None:
    llm = DiscreetLLM(Saying("It is ", "four", " one" * 15, "."), ENTITIES)
    request = read(f"Observation: the card is {CARD}")

    said = await llm.async_chat(request)

    assert said.text == "It is <CREDIT_CARD>."
    assert [(d.check, d.action, d.rule) for d in said.safety] == [
        ("retelling", "redact", "CREDIT_CARD")
    ]
    assert await streamed(llm, request) == (said.text, ["redact"])


async def test_what_it_has_not_read_it_may_say() -> None:
    llm = DiscreetLLM(Saying(f"It is {ONES}."), ENTITIES)

    assert (await llm.async_chat(read("Count for me."))).text == f"It is {ONES}."
    assert await streamed(llm, read("Count for me.")) == (f"It is {ONES}.", [])


async def test_a_tool_may_be_given_data_as_it_is_but_not_in_disguise() -> None:
    plain, hidden = json.dumps({"card": CARD}), json.dumps({"q": [*CARD.replace(" ", "")]})
    llm = DiscreetLLM(Saying(arguments=(plain, hidden)), ENTITIES)

    first, second = (await llm.async_chat(read(f"The card is {CARD}"))).tool_calls

    assert first.arguments == plain
    assert set(json.loads(second.arguments)["q"]) == {"<CREDIT_CARD>"}


async def test_numbers_that_are_taken_out_leave_json() -> None:
    llm = DiscreetLLM(Saying("[41, 11, 11, 11, 11, 11, 11, 11]"), ENTITIES)

    shown, _ = await streamed(llm, read(f"The card is {CARD}"))

    assert set(json.loads(shown)) == {"<CREDIT_CARD>"}


async def test_only_configured_kinds_count() -> None:
    llm = DiscreetLLM(Saying(ONES), ["IBAN_CODE"])

    assert (await llm.async_chat(read(f"The card is {CARD}"))).text == ONES


async def test_an_answer_that_begins_anew_is_read_by_itself() -> None:
    llm = DiscreetLLM(Saying("4111 then 1111 ", "then 1111 then 1111 ", restarts_at=1), ENTITIES)

    shown, _ = await streamed(llm, read(f"The card is {CARD}"))

    assert shown.endswith("then 1111 then 1111 ")
