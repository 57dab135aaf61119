import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genai.agents.actions import (
    Action,
    FinalAnswer,
    ToolAction,
    observation_message,
    parse_action,
)
from genai.analyst.analyst import AnalystLLM
from genai.analyst.reading.second_reader import write_reader
from genai.base.llm import BaseLLM
from genai.base.tool import Observation
from genai.errors import BackendFailed, DeadlineExceeded, InvalidInput, Overloaded
from genai.llms.scripted import ScriptedLLM
from genai.messages import ChatRequest, Completion, Message, Sampling, ToolSpec, Usage
from genai.settings.models import AnalystSettings, NearestExampleSettings, ScriptedSettings
from genai.worked_examples.nearest_example import TOOL_FAILED, NearestExampleLLM
from tests.support.agents import a_context
from tests.support.embedders import SameEmbedder

LIBRARY = str(Path(__file__).parents[1] / "worked_examples" / "library.yaml")
BANK = str(Path(__file__).parents[3] / "sample_bank/sql_examples.yaml")
WORDS = str(Path(__file__).parents[3] / "sample_bank/analyst_words.yaml")
UNKNOWN = "How is the mood among the clients in Lisbon?"
GOOD = "SELECT COUNT(*) AS customers FROM people c WHERE c.city = 'Lisbon'"
OTHER = "SELECT COUNT(*) AS customers FROM people c"


class FailingLLM(BaseLLM):
    name = "bank"

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def async_chat(self, request: ChatRequest) -> Completion:
        raise self._error


def says(query: str) -> str:
    return json.dumps({"thought": "", "action": "sql", "arguments": {"query": query}})


def scripted(*replies: str) -> ScriptedLLM:
    return ScriptedLLM("bank", ScriptedSettings(backend="scripted", replies=replies))


def an_analyst(model: BaseLLM, samples: int = 5) -> AnalystLLM:
    settings = AnalystSettings(
        backend="analyst", model="bank", examples=LIBRARY, words=WORDS, samples=samples
    )
    known = NearestExampleSettings(backend="nearest_example", examples=LIBRARY)
    worked = NearestExampleLLM("analyst", known, SameEmbedder())
    return AnalystLLM("analyst", settings, model, worked)


async def asked(llm: BaseLLM, question: str, *more: Message) -> Completion:
    system = Message(role="system", content="Use tools.")
    messages = (system, Message(role="user", content=question), *more)
    return await llm.async_chat(ChatRequest(messages=messages, context=a_context(seconds=30.0)))


async def action(replies: Sequence[str], question: str = UNKNOWN) -> Action:
    return parse_action((await asked(an_analyst(scripted(*replies)), question)).text)


async def test_the_query_of_most_replies_is_run() -> None:
    said = await action([says(GOOD), says(OTHER), says(GOOD), says(GOOD), says(OTHER)])

    assert isinstance(said, ToolAction)
    assert said.arguments == {"query": GOOD}


@pytest.mark.parametrize(
    "form",
    [{"sampling": Sampling(json_schema="{}")}, {"tools": (ToolSpec(name="look"),)}],
    ids=["a JSON schema", "tools"],
)
async def test_unsupported_options_are_refused(form: dict[str, Any]) -> None:
    question = Message(role="user", content="How many customers live in Lisbon?")
    request = ChatRequest(messages=(question,), context=a_context(seconds=30.0), **form)

    for llm in (an_analyst(scripted(says(GOOD))), an_analyst(scripted())._worked):
        with pytest.raises(InvalidInput):
            await llm.async_chat(request)


async def test_a_question_that_a_worked_example_asks_needs_no_model() -> None:
    model = scripted(says(OTHER))

    completion = await asked(an_analyst(model), "How many customers live in Lisbon?")

    assert "Lisbon" in completion.text
    assert not model.requests


@pytest.mark.parametrize(
    "question",
    [
        "How many customers have one?",
        "How many customers live there?",
        "How many customers does <EMAIL_ADDRESS_1_kqzvt> have in Lisbon?",
    ],
)
async def test_a_condition_that_the_query_lacks_is_not_ignored(question: str) -> None:
    said = await action([says(GOOD)] * 5, question)

    assert isinstance(said, FinalAnswer)


async def test_replies_without_agreement_are_declined() -> None:
    said = await action([says(f"{GOOD} AND {n} = {n}") for n in range(5)])

    assert isinstance(said, FinalAnswer)


async def test_a_query_that_forgets_a_name_is_not_run() -> None:
    assert isinstance(await action([says(OTHER)] * 5), FinalAnswer)


async def test_malformed_replies_are_ignored() -> None:
    assert isinstance(await action(["a poem about Lisbon"]), FinalAnswer)


async def test_the_model_may_say_why_there_is_no_answer() -> None:
    reply = json.dumps({"thought": "", "answer": "The database does not hold that."})

    said = await action([reply])

    assert isinstance(said, FinalAnswer)
    assert said.answer == "The database does not hold that."


async def test_only_the_question_reaches_the_model_once_plainly_and_then_warm() -> None:
    model = scripted(says(GOOD))

    await asked(an_analyst(model, samples=3), UNKNOWN)

    assert [one.messages[-1].content for one in model.requests] == [UNKNOWN] * 3
    assert [one.sampling.temperature for one in model.requests] == [0.0, 0.7, 0.7]
    assert len({one.sampling.seed for one in model.requests}) == 3


async def test_the_answer_holds_the_number_of_the_rows() -> None:
    llm = an_analyst(scripted(says(GOOD)))
    found = observation_message(Observation(text="customers\n74\n(1 row)"))

    second = await asked(llm, UNKNOWN, Message(role="assistant", content=says(GOOD)), found)

    said = parse_action(second.text)
    assert isinstance(said, FinalAnswer)
    assert said.answer == "74 customers (city Lisbon)."


async def test_a_failed_query_gives_no_figure() -> None:
    llm = an_analyst(scripted(says(GOOD)))
    failed = observation_message(Observation(text="", error="no such column: 42"))

    second = await asked(llm, UNKNOWN, Message(role="assistant", content=says(GOOD)), failed)

    said = parse_action(second.text)
    assert isinstance(said, FinalAnswer)
    assert said.answer == TOOL_FAILED


@pytest.mark.parametrize("error", [BackendFailed("it broke", False), Overloaded("too busy")])
async def test_without_its_model_it_declines_and_is_degraded(
    error: Exception,
) -> None:
    completion = await asked(an_analyst(FailingLLM(error)), UNKNOWN)

    assert isinstance(parse_action(completion.text), FinalAnswer)
    assert completion.degraded


async def test_without_time_there_is_no_answer() -> None:
    with pytest.raises(DeadlineExceeded):
        await asked(an_analyst(FailingLLM(DeadlineExceeded("late"))), UNKNOWN)


@pytest.mark.parametrize(
    ("observation", "said"),
    [
        (Observation(text="Card 50017 is blocked."), "Card 50017 is blocked."),
        (
            Observation(text="", error="nobody approved this in time"),
            "That was not done: nobody approved this in time",
        ),
    ],
)
async def test_the_outcome_of_an_order_is_reported(observation: Observation, said: str) -> None:
    known = NearestExampleSettings(backend="nearest_example", examples=BANK)
    settings = AnalystSettings(backend="analyst", model="bank", examples=BANK, words=WORDS)
    worked = NearestExampleLLM("analyst", known, SameEmbedder())
    llm = AnalystLLM("analyst", settings, scripted(), worked)

    ordered = await asked(llm, "Block card 50017.")
    spoke = Message(role="assistant", content=ordered.text)
    ended = await asked(llm, "Block card 50017.", spoke, observation_message(observation))

    answer = parse_action(ended.text)
    assert isinstance(answer, FinalAnswer)
    assert answer.answer.startswith(said)


async def test_a_follow_up_that_cannot_be_completed_is_declined() -> None:
    llm = an_analyst(scripted(says(OTHER)))
    before = Message(role="user", content="How is the mood among the clients in Lisbon?")
    said = Message(role="assistant", content="I cannot say.")

    messages = (before, said, Message(role="user", content="How many of those are happy?"))
    reply = await llm.async_chat(ChatRequest(messages=messages, context=a_context(seconds=30.0)))

    assert isinstance(parse_action(reply.text), FinalAnswer)


async def replied(model: BaseLLM, *said: str) -> Action:
    """To the last of several questions of one conversation."""
    messages = [Message(role="user", content=said[0])]
    for question in said[1:]:
        messages += [
            Message(role="assistant", content="So many."),
            Message(role="user", content=question),
        ]
    request = ChatRequest(messages=tuple(messages), context=a_context(seconds=30.0))
    return parse_action((await an_analyst(model).async_chat(request)).text)


async def test_a_follow_up_is_asked_together_with_the_question_before() -> None:
    model = scripted(says(f"{GOOD} AND c.mood = 'happy'"))

    said = await replied(model, UNKNOWN, "And how many of those are happy?")

    assert isinstance(said, ToolAction)
    asked = model.requests[-1].messages[-1].content
    assert asked == f"{UNKNOWN}\nAnd how many of those are happy?"


async def test_a_chain_of_follow_ups_is_declined() -> None:
    model = scripted(says(GOOD))

    said = await replied(model, UNKNOWN, "And happy ones?", "And how many of those are sad?")

    assert isinstance(said, FinalAnswer)


async def test_both_parts_of_a_double_question_are_answered() -> None:
    class TwoSided(BaseLLM):
        name = "bank"

        async def async_chat(self, request: ChatRequest) -> Completion:
            sad = "sad" in request.messages[-1].content.split("\n")[-1]
            query = f"{GOOD} AND c.mood = '{'sad' if sad else 'happy'}'"
            return Completion(text=says(query), model=self.name, usage=Usage())

    question = "How many clients in Lisbon are happy and how many clients in Lisbon are sad?"
    said = parse_action((await asked(an_analyst(TwoSided()), question)).text)

    assert isinstance(said, ToolAction)
    query = str(said.arguments["query"])
    assert "AS lisbon_happy_customers" in query
    assert "AS lisbon_sad_customers" in query


@pytest.mark.parametrize(
    ("condition", "runs"), [("", True), (" AND c.mood = 'happy'", True), (" AND {only}", False)]
)
async def test_one_query_for_both_parts_has_the_conditions_of_the_first(
    condition: str, runs: bool
) -> None:
    only = "c.segment = 'business'"  # which the second part alone calls for
    both = f"{GOOD}{condition.format(only=only)}".replace(" FROM", ", MAX(c.age) AS age FROM")
    question = "How many happy clients are in Lisbon and what does a company cost?"

    said = await action([says(both)], question)

    assert isinstance(said, ToolAction) is runs


async def test_a_first_part_without_a_subject_shares_the_conditions_of_the_second() -> None:
    both = f"{GOOD} AND c.segment = 'business'".replace(" FROM", ", MAX(c.age) AS age FROM")

    said = await action(
        [says(both)], "What is the number and what is the age of business clients in Lisbon?"
    )

    assert isinstance(said, ToolAction)


async def test_a_query_for_one_of_two_questions_is_not_run() -> None:
    question = "How many clients are in Lisbon, and when do they visit?"

    assert not isinstance(await action([says(GOOD)] * 5, question), ToolAction)


async def test_a_part_that_refers_back_is_asked_with_the_part_before() -> None:
    class Listening(BaseLLM):
        name = "bank"

        def __init__(self) -> None:
            self.heard: list[str] = []

        async def async_chat(self, request: ChatRequest) -> Completion:
            self.heard.append(request.messages[-1].content)
            return Completion(text="nonsense", model=self.name, usage=Usage())

    model = Listening()
    question = "How many clients in Lisbon are happy and how many of them are retail clients?"
    await asked(an_analyst(model), question)

    halves = [text.lower() for text in model.heard if text.endswith("retail clients?")]
    assert any("happy?\nhow many of them" in text for text in halves)
    assert not any(text.startswith("how many of them") for text in halves)


async def test_a_query_doubted_by_the_second_reader_needs_nearly_all_replies(
    tmp_path: Path,
) -> None:
    words = ["mood", "among", "clients"]
    nothing = np.zeros((len(words), 1), dtype=np.float32)
    write_reader(tmp_path / "reader.npz", words, ["x = y"], nothing, nothing[0])
    settings = AnalystSettings(
        backend="analyst",
        model="bank",
        examples=LIBRARY,
        words=WORDS,
        reader=str(tmp_path / "reader.npz"),
    )
    known = NearestExampleSettings(backend="nearest_example", examples=LIBRARY)
    worked = NearestExampleLLM("analyst", known, SameEmbedder())

    async def said(*replies: str) -> Action:
        llm = AnalystLLM("analyst", settings, scripted(*replies), worked)
        return parse_action((await asked(llm, UNKNOWN)).text)

    assert isinstance(await said(says(GOOD), says(GOOD), says(GOOD), says("x"), "x"), FinalAnswer)
    assert isinstance(await said(says(GOOD), says(GOOD), says(GOOD), says(GOOD), "x"), ToolAction)


class Knowing(BaseLLM):
    """Replies to each question that it knows with a query, and to others with nonsense."""

    name = "bank"

    def __init__(self, **queries: str) -> None:
        self._queries = queries

    async def async_chat(self, request: ChatRequest) -> Completion:
        asked = request.messages[-1].content.lower()
        known = [query for name, query in self._queries.items() if f" {name} " in asked]
        text = says(known[0]) if len(known) == 1 else "nonsense"
        return Completion(text=text, model=self.name, usage=Usage())


async def test_comparisons_are_asked_one_side_at_a_time() -> None:
    number = "SELECT COUNT(*) AS customers FROM people c WHERE c.city = '{}'"
    model = Knowing(lisbon=number.format("Lisbon"), genoa=number.format("Genoa"))

    said = parse_action(
        (await asked(an_analyst(model), "Compare the happy clients of Lisbon and Genoa there")).text
    )

    assert isinstance(said, ToolAction)
    assert said.arguments["query"] == (
        "SELECT c.city, COUNT(*) AS customers FROM people c WHERE c.city IN ('Lisbon', 'Genoa')"
        " GROUP BY c.city"
    )


async def test_a_word_for_something_unknown_gets_no_figure_of_everything() -> None:
    said = await action(
        [says("SELECT COUNT(*) AS loans FROM loans l")] * 5, "How many loans do its customers have?"
    )

    assert isinstance(said, FinalAnswer)
    assert not any(character.isdigit() for character in said.answer)
