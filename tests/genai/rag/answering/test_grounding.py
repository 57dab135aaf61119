from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.messages import ChatRequest, Chunk, Citation, Completion, Message, Passage
from genai.rag.answering.grounding import GroundedLLM, SupportedTerms
from genai.rag.evidence.judging import UNANSWERED
from tests.support.answering import context

PASSAGE = Passage(
    document_id="fees.md",
    title="Fees",
    text="The Classic account costs EUR 4.90 a month. A replacement card is free and takes three days.",
)
RIGHT = "The Classic account costs 4,90 euros a month [1]. "
INVENTED = "The Classic account costs EUR 7.50 a month [1]. "
OFF_TOPIC = "Napoleon invaded Russia because Alexander resumed trading with Britain. "


class CannedLLM(BaseLLM):
    name = "saying"

    def __init__(self, text: str, citations: tuple[Citation, ...] = ()) -> None:
        self._text = text
        self._citations = citations

    async def async_chat(self, request: ChatRequest) -> Completion:
        return Completion(text=self._text, model=self.name, citations=self._citations)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for letter in self._text:
            yield Chunk(text=letter, citations=self._citations)
        yield Chunk(finish_reason="stop")


def request(*passages: Passage) -> ChatRequest:
    asked = Message(role="user", content="How much is the Classic account?")
    return ChatRequest(messages=(asked,), context=context(), passages=passages)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (RIGHT, RIGHT),
        (RIGHT + INVENTED + "It takes 3 days.", RIGHT + "It takes 3 days."),
        (OFF_TOPIC + RIGHT, RIGHT),
        (
            "1. Free card [1]\n2. It takes 3 days [1]\n",
            "1. Free card [1]\n2. It takes 3 days [1]\n",
        ),
        (INVENTED, UNANSWERED),
        ("I don't know.", "I don't know."),
        ("", ""),
    ],
)
async def test_only_what_the_passages_support_is_said(said: str, left: str) -> None:
    grounded = GroundedLLM(CannedLLM(said))

    whole = (await grounded.async_chat(request(PASSAGE))).text
    streamed = [chunk.text async for chunk in grounded.async_stream(request(PASSAGE))]

    assert (whole, "".join(streamed)) == (left, left)


async def test_a_model_that_cites_is_left_to_its_citations() -> None:
    citation = Citation(document_id="fees.md", title="Fees", quote="free")
    grounded = GroundedLLM(CannedLLM(INVENTED, (citation,)))

    streamed = [chunk.text async for chunk in grounded.async_stream(request(PASSAGE))]

    assert "".join(streamed) == INVENTED
    assert (await grounded.async_chat(request(PASSAGE))).text == INVENTED


async def test_without_passages_there_is_nothing_to_hold_on_to() -> None:
    assert (await GroundedLLM(CannedLLM(INVENTED)).async_chat(request())).text == INVENTED


def test_numbers_are_the_same_in_every_spelling() -> None:
    assert SupportedTerms(["It costs 1,200."]).supports("It costs 1.200,00.")
    assert not SupportedTerms(["It costs 1,200."]).supports("It costs 1.2.")
    assert SupportedTerms(["within three days"]).supports("It takes 3 days.")
