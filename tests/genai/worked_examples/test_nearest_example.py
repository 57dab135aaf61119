from pathlib import Path

import pytest

from genai.agents.actions import (
    FinalAnswer,
    ToolAction,
    ToolActions,
    observation_message,
    parse_action,
)
from genai.base.tool import Observation
from genai.errors import DeadlineExceeded
from genai.messages import ChatRequest, Message
from genai.settings.models import NearestExampleSettings
from genai.worked_examples.library import read_library
from genai.worked_examples.nearest_example import TOOL_FAILED, NearestExampleLLM
from genai.worked_examples.orders import ParsedArguments
from tests.support.agents import a_context
from tests.support.embedders import SameEmbedder

BANK = Path(__file__).parents[3] / "sample_bank" / "sql_examples.yaml"
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


@pytest.mark.parametrize(
    ("question", "tool", "arguments"),
    [
        ("Block card 50017.", "block_card", {"card_id": 50017}),
        ("Please block the card number 50017", "block_card", {"card_id": 50017}),
        ("I'd like you to block my credit card #50017 now", "block_card", {"card_id": 50017}),
        ("Could you put a block on card 50017 for me?", "block_card", {"card_id": 50017}),
        ("Please block card number 50017, I lost it", "block_card", {"card_id": 50017}),
        ("Block card 50017 now because it was stolen!", "block_card", {"card_id": 50017}),
        (
            "Open a dispute about transaction 123 because of fraud.",
            "open_dispute",
            {"transaction_id": 123, "reason": "fraud"},
        ),
        (
            "dispute transaction 123 for wrong amount",
            "open_dispute",
            {"transaction_id": 123, "reason": "wrong amount"},
        ),
    ],
)
def test_an_order_becomes_a_call_of_the_tool(
    question: str, tool: str, arguments: dict[str, object]
) -> None:
    library = read_library(BANK)

    read = {order.tool: order.parse(question) for order in library.orders}

    assert [name for name, found in read.items() if found] == [tool]
    assert read[tool] == ParsedArguments(arguments=arguments)


@pytest.mark.parametrize(
    "question",
    [
        "How do I block my card?",
        "Block all cards",
        "Do not block card 50017",
        "Block card 50017 and card 50018",
        "A document says: block card 50017.",
        "How many cards are blocked?",
    ],
)
def test_a_message_with_anything_but_orders_is_not_an_order(question: str) -> None:
    library = read_library(BANK)

    assert [order.parse(question) for order in library.orders] == [None, None]


@pytest.mark.parametrize(
    ("asked", "lacking"),
    [
        (["Block my card"], ["Which card"]),
        (["Dispute transaction 123"], ["Why is it contested"]),
        (["Please open a dispute"], ["Which transaction", "Why is it contested"]),
        (["Please open a dispute", "transaction 123"], ["Why is it contested"]),
        (["Block card 5 and dispute transaction 123"], ["Why is it contested"]),
    ],
)
async def test_missing_arguments_of_an_order_are_asked_for(
    bank: NearestExampleLLM, asked: list[str], lacking: list[str]
) -> None:
    said = parse_action((await bank.async_chat(request(*map(asks, asked)))).text)

    assert isinstance(said, FinalAnswer)
    assert said.answer.startswith("Nothing was done yet. ")
    possible = ("Which card", "Which transaction", "Why is it contested")
    assert [one for one in possible if one in said.answer] == lacking


async def test_the_answer_completes_the_order(bank: NearestExampleLLM) -> None:
    texts = ["Please open a dispute", "It is transaction 123.", "the goods never arrived"]

    said = parse_action((await bank.async_chat(request(*map(asks, texts)))).text)

    assert isinstance(said, ToolAction)
    assert said.action == "open_dispute"
    assert said.arguments == {"transaction_id": 123, "reason": "not received"}


@pytest.mark.parametrize(
    "question",
    [
        "Can you freeze card 50005 for me?",
        "Unblock card 50017",
        "Please raise the limit of account 10012 to 500",
        "close account 10012",
    ],
)
async def test_an_order_without_a_tool_is_not_answered_with_a_figure(question: str) -> None:
    settings = NearestExampleSettings(backend="nearest_example", examples=str(BANK))
    bank = NearestExampleLLM("analyst", settings, SameEmbedder())

    said = parse_action((await bank.async_chat(request(asks(question)))).text)

    assert isinstance(said, FinalAnswer)
    assert bank.is_out_of_scope(question)


@pytest.mark.parametrize(
    ("observation", "said"),
    [
        (Observation(text="Card 50017 is blocked."), "Card 50017 is blocked."),
        (Observation(text="", error="the card is not active"), "the card is not active"),
    ],
)
async def test_the_outcome_of_an_order_is_reported(observation: Observation, said: str) -> None:
    settings = NearestExampleSettings(backend="nearest_example", examples=str(BANK))
    bank = NearestExampleLLM("analyst", settings, SameEmbedder())
    asked = asks("Block card 50017.")
    ordered = await bank.async_chat(request(asked))
    spoke = Message(role="assistant", content=ordered.text)

    concluded = await bank.async_chat(request(asked, spoke, observation_message(observation)))

    action = parse_action(concluded.text)
    assert isinstance(action, FinalAnswer)
    assert said in action.answer


@pytest.fixture
def bank() -> NearestExampleLLM:
    settings = NearestExampleSettings(backend="nearest_example", examples=str(BANK))
    return NearestExampleLLM("analyst", settings, SameEmbedder())


async def test_each_of_several_orders_is_a_tool_call(bank: NearestExampleLLM) -> None:
    text = "Block cards 50017 and 50018, and dispute transaction 123 for fraud."

    said = parse_action((await bank.async_chat(request(asks(text)))).text)

    assert isinstance(said, ToolActions)
    assert [(call.action, *call.arguments.values()) for call in said.actions] == [
        ("block_card", 50017),
        ("block_card", 50018),
        ("open_dispute", 123, "fraud"),
    ]


async def test_of_too_many_orders_none_is_carried_out(bank: NearestExampleLLM) -> None:
    text = "Block cards 1, 2, 3, 4, 5 and 6."

    said = parse_action((await bank.async_chat(request(asks(text)))).text)

    assert isinstance(said, FinalAnswer)
    assert said.answer.startswith("Nothing was done: these are 6 changes")


async def test_the_outcome_of_each_order_is_reported(bank: NearestExampleLLM) -> None:
    asked = asks("Block cards 50017 and 50018.")
    spoke = Message(role="assistant", content=(await bank.async_chat(request(asked))).text)
    outcomes = (
        Observation(text="Card 50017 is blocked."),
        Observation(text="", error="the card is not active"),
    )

    concluded = await bank.async_chat(request(asked, spoke, observation_message(*outcomes)))

    said = parse_action(concluded.text)
    assert isinstance(said, FinalAnswer)
    assert said.answer == "Card 50017 is blocked. That was not done: the card is not active."
