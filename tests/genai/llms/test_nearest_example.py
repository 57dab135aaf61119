from pathlib import Path

import pytest

from genai.agents.actions import (
    FinalAnswer,
    ToolAction,
    observation_message,
    parse_action,
)
from genai.base.tool import Observation
from genai.errors import DeadlineExceeded
from genai.llms.nearest_example import TOOL_FAILED, NearestExampleLLM
from genai.messages import ChatRequest, Message
from genai.settings import NearestExampleSettings
from tests.support.agents import a_context
from tests.support.embedders import SameEmbedder

LIBRARY = Path(__file__).parents[1] / "worked_examples" / "library.yaml"


@pytest.fixture
def llm() -> NearestExampleLLM:
    settings = NearestExampleSettings(backend="nearest_example", examples=str(LIBRARY))
    return NearestExampleLLM("analyst", settings, SameEmbedder())


def request(*messages: Message, seconds: float = 30.0) -> ChatRequest:
    system = Message(role="system", content="Use tools.")
    return ChatRequest(messages=(system, *messages), context=a_context(seconds=seconds))


def asks(text: str) -> Message:
    return Message(role="user", content=text)


async def test_a_known_question_becomes_a_query(llm: NearestExampleLLM) -> None:
    completion = await llm.async_chat(request(asks("How many customers live in Lisbon?")))

    action = parse_action(completion.text)
    assert isinstance(action, ToolAction)
    assert action.arguments == {
        "query": "SELECT COUNT(*) AS n FROM people WHERE TRUE AND city = 'Lisbon'"
    }
    assert completion.model == "analyst"
    assert completion.usage.completion_tokens > 0


async def test_the_rows_become_an_answer(llm: NearestExampleLLM) -> None:
    question = asks("How many customers live in Lisbon?")
    first = await llm.async_chat(request(question))
    spoken = Message(role="assistant", content=first.text)
    found = observation_message(Observation(text="n\n74\n(1 row)"))

    second = await llm.async_chat(request(question, spoken, found))

    action = parse_action(second.text)
    assert isinstance(action, FinalAnswer)
    assert action.answer == "There are 74 customers in Lisbon."


async def test_a_failed_query_gives_no_figure(llm: NearestExampleLLM) -> None:
    question = asks("How many customers live in Lisbon?")
    first = await llm.async_chat(request(question))
    spoken = Message(role="assistant", content=first.text)
    failed = observation_message(Observation(text="", error="it takes too long"))

    second = await llm.async_chat(request(question, spoken, failed))

    assert parse_action(second.text) == FinalAnswer(thought="The tool failed.", answer=TOOL_FAILED)


async def test_an_unknown_question_is_declined_with_suggestions(llm: NearestExampleLLM) -> None:
    completion = await llm.async_chat(request(asks("How many customers own a dog?")))

    action = parse_action(completion.text)
    assert isinstance(action, FinalAnswer)
    assert "How many customers are there?" in action.answer
    assert not any(character.isdigit() for character in action.answer)


async def test_only_the_last_question_counts(llm: NearestExampleLLM) -> None:
    earlier = (asks("How many customers own a dog?"), Message(role="assistant", content="No idea."))

    completion = await llm.async_chat(request(*earlier, asks("How many customers are there?")))

    assert isinstance(parse_action(completion.text), ToolAction)


async def test_without_time_there_is_no_answer(llm: NearestExampleLLM) -> None:
    with pytest.raises(DeadlineExceeded):
        await llm.async_chat(request(asks("How many customers?"), seconds=-1))


async def test_a_follow_up_puts_another_value_into_the_question_before(
    llm: NearestExampleLLM,
) -> None:
    before = asks("How many customers live in Lisbon?")
    told = Message(role="assistant", content="There are 74 customers in Lisbon.")
    follow_up = asks("And in Genoa?")

    completion = await llm.async_chat(request(before, told, follow_up))

    action = parse_action(completion.text)
    assert isinstance(action, ToolAction)
    assert action.arguments["query"].endswith("city = 'Genoa'")


async def test_a_question_that_says_more_than_a_value_stands_alone(llm: NearestExampleLLM) -> None:
    before = asks("How many customers live in Lisbon?")
    told = Message(role="assistant", content="There are 74 customers in Lisbon.")

    completion = await llm.async_chat(request(before, told, asks("Is it sunny in Genoa?")))

    assert isinstance(parse_action(completion.text), FinalAnswer)
