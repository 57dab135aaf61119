"""The worked examples, asked the questions of `sql_questions.jsonl` by the whole agent.

Every answer is compared with what the gold SQL finds; a question without gold SQL must be declined.
"""

import json
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from genai.agents.react import ReActAgent
from genai.base.embedder import BaseEmbedder
from genai.events import DraftEvent
from genai.language.numbers import numbers, supported, unsupported
from genai.messages import Draft
from genai.prompts.template import load_prompt
from genai.settings.documents import MiniLMSettings
from genai.settings.models import NearestExampleSettings
from genai.tools.sql import SQLTool
from genai.tools.sqlite import SQLiteDatabase
from genai.worked_examples.library import WorkedExample, read_library
from genai.worked_examples.mentions import Value
from genai.worked_examples.nearest_example import NearestExampleLLM
from genai.worked_examples.periods import find_periods
from genai.worked_examples.templates import fill_sql
from sample_bank.generator import REFERENCE_DATE
from tests.support.agents import a_context, a_question
from tests.support.bank import bank_path
from tests.support.embedders import SameEmbedder

FOLDER = Path(__file__).parents[2] / "sample_bank"
EXAMPLES = FOLDER / "sql_examples.yaml"
ROWS_COUNTED = re.compile(r"(?<= has )\d+(?= )")  # how many rows follow in the same sentence
NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Asked(BaseModel):
    question: str
    sql: str | None
    expected: list[list[str]]


QUESTIONS = [
    Asked.model_validate(json.loads(line))
    for line in (FOLDER / "sql_questions.jsonl").read_text().splitlines()
]
ANSWERABLE = [asked for asked in QUESTIONS if asked.sql]
UNANSWERABLE = [asked for asked in QUESTIONS if not asked.sql]
LIBRARY = read_library(EXAMPLES)


@cache
def shared_tool() -> SQLTool:
    return SQLTool(SQLiteDatabase(bank_path()), timeout_s=25.0)  # the machine may be busy


def an_agent(embedder: BaseEmbedder) -> ReActAgent:
    settings = NearestExampleSettings(backend="nearest_example", examples=str(EXAMPLES))
    llm = NearestExampleLLM("analyst", settings, embedder)
    return ReActAgent(llm, [shared_tool()], load_prompt("react"), timeout=100.0)


@pytest.fixture(scope="module")
def agent() -> ReActAgent:
    return an_agent(SameEmbedder())


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    """What was answered so far: each question is asked once."""
    return {}


async def asked_once(agent: ReActAgent, drafts: dict[str, Draft], question: str) -> Draft:
    if question not in drafts:
        drafts[question] = await answer_to(agent, question)
    return drafts[question]


async def answer_to(agent: ReActAgent, question: str) -> Draft:
    async for event in agent.async_loop(a_question(question, seconds=100)):
        if isinstance(event, DraftEvent):
            return event.draft
    raise AssertionError("no draft")


def says(answer: str, expected: list[list[str]]) -> bool:
    """Whether the answer holds every expected value."""
    return all(
        supported(value, numbers(answer)) if NUMBER.fullmatch(value) else value in answer
        for row in expected
        for value in row
    )


def test_the_gold_sql_still_finds_what_is_expected() -> None:
    with closing(sqlite3.connect(bank_path())) as connection:
        for asked in ANSWERABLE:
            rows = connection.execute(asked.sql or "").fetchall()
            assert [[str(value) for value in row] for row in rows] == asked.expected, asked.question


def test_the_examples_count_from_the_day_that_the_database_ends() -> None:
    assert LIBRARY.today == REFERENCE_DATE


def test_no_question_stands_in_the_examples() -> None:
    phrasings = {phrasing.lower() for example in LIBRARY.examples for phrasing in example.ask}

    assert not [asked for asked in QUESTIONS if asked.question.lower() in phrasings]


@pytest.mark.parametrize("asked", ANSWERABLE, ids=lambda asked: asked.question)
async def test_a_question_is_answered_right_or_declined(
    agent: ReActAgent, drafts: dict[str, Draft], asked: Asked
) -> None:
    draft = await asked_once(agent, drafts, asked.question)

    assert says(draft.text, asked.expected) or not draft.steps


@pytest.mark.parametrize("asked", ANSWERABLE, ids=lambda asked: asked.question)
async def test_every_number_of_an_answer_was_found_or_asked_for(
    agent: ReActAgent, drafts: dict[str, Draft], asked: Asked
) -> None:
    draft = await asked_once(agent, drafts, asked.question)
    periods = [p.label for *_, p in find_periods(asked.question, REFERENCE_DATE)]
    known = " ; ".join([asked.question, *periods, *(s.observation for s in draft.steps)])

    assert not draft.steps or not unsupported(ROWS_COUNTED.sub("", draft.text), [known])


async def test_the_figure_that_customers_are_told_to_ask_for_is_found(
    agent: ReActAgent, drafts: dict[str, Draft]
) -> None:
    told = (FOLDER / "documents/about-this-assistant.md").read_text(encoding="utf-8")
    [figure] = re.findall(r'For figures .* for example "(.*?)"', told)

    draft = await asked_once(agent, drafts, figure)

    assert draft.steps
    assert "disputes were opened in June 2026" in draft.text


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many accounts have less than 100 euros?", " under 100 EUR."),
        ("How many transactions were over 1000 euros?", " more than 1000 EUR."),
        ("How many accounts have more than 10,000 euros?", " over 10000 EUR."),
        ("How many accounts have more than €50k?", " over 50000 EUR."),
    ],
)
async def test_an_amount_is_said_as_it_was_asked(
    agent: ReActAgent, question: str, sentence: str
) -> None:
    assert (await answer_to(agent, question)).text.endswith(sentence)


@pytest.mark.parametrize(
    "question",
    [
        "how many savings accounts can I have",
        "how many credit cards can I get?",
        "How many accounts do I have?",
        "how many disputes can I open?",
        "how many of my cards are blocked?",
        "how much do I have in my savings account?",
        "how much did I spend on groceries last month?",
        "How much have I spent in May?",
        "I have how many accounts?",
        "what's the balance on my account?",
        "How many savings accounts can a customer have?",
        "How many accounts may one person hold?",
        "How much money can be withdrawn at an ATM?",
        "What is the minimum balance of a savings account?",
        "What is the maximum balance of a savings account?",
        "What does the Plus account cost?",
        "When is my credit card bill due?",
        "What is the APR of a car loan?",
        "How many virtual cards can I have active at once?",
        "how many branches are step-free?",
    ],
)
async def test_the_askers_own_affairs_and_limits_are_no_figures_of_the_bank(
    agent: ReActAgent, question: str
) -> None:
    assert (await answer_to(agent, question)).steps == ()


@pytest.mark.parametrize(
    "question",
    ["Can I see how many customers we have?", "I have a question: how many cards are blocked?"],
)
async def test_who_asks_politely_is_still_answered(agent: ReActAgent, question: str) -> None:
    assert (await answer_to(agent, question)).steps


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        (
            "How many customers have a credit card?",
            "SELECT COUNT(DISTINCT customer_id) FROM accounts JOIN cards USING (account_id)"
            " WHERE cards.type = 'credit'",
        ),
        (
            "How many customers with a blocked card are there?",
            "SELECT COUNT(DISTINCT customer_id) FROM accounts JOIN cards USING (account_id)"
            " WHERE cards.status = 'blocked'",
        ),
        (
            "How many people in Lisbon have a savings account?",
            "SELECT COUNT(DISTINCT customer_id) FROM customers JOIN accounts USING (customer_id)"
            " WHERE city = 'Lisbon' AND type = 'savings'",
        ),
        (
            "How many customers have a mortgage?",
            "SELECT COUNT(DISTINCT customer_id) FROM loans WHERE kind = 'mortgage'",
        ),
        (
            "How many customers have an open dispute?",
            "SELECT COUNT(DISTINCT customer_id) FROM disputes JOIN transactions USING"
            " (transaction_id) JOIN accounts USING (account_id) WHERE disputes.status = 'open'",
        ),
        (
            "How many blocked cards do customers in Spain have?",
            "SELECT COUNT(*) FROM customers JOIN accounts USING (customer_id) JOIN cards USING"
            " (account_id) WHERE country = 'Spain' AND cards.status = 'blocked'",
        ),
        (
            "How much salary was paid in May 2026?",
            "SELECT SUM(amount_cents) / 100.0 FROM transactions WHERE category = 'salary'"
            " AND booked_at LIKE '2026-05%'",
        ),
    ],
)
async def test_holders_are_counted_once_and_salaries_are_found(
    agent: ReActAgent, question: str, sql: str
) -> None:
    with closing(sqlite3.connect(bank_path())) as connection:
        [[expected]] = connection.execute(sql).fetchall()

    assert supported(str(expected), numbers((await answer_to(agent, question)).text))


async def test_nine_of_ten_questions_are_answered(agent: ReActAgent) -> None:
    answered = [asked for asked in ANSWERABLE if (await answer_to(agent, asked.question)).steps]

    assert len(answered) >= 0.9 * len(ANSWERABLE)


@pytest.mark.parametrize("asked", UNANSWERABLE, ids=lambda asked: asked.question)
async def test_what_the_examples_do_not_ask_is_declined(agent: ReActAgent, asked: Asked) -> None:
    draft = await answer_to(agent, asked.question)

    assert draft.steps == ()
    assert draft.text.startswith("I don't know: I could not read that")


async def test_the_real_embedder_finds_the_examples_too() -> None:
    pytest.importorskip("torch")
    from genai.embeddings.minilm import MiniLMEmbedder

    agent = an_agent(MiniLMEmbedder(MiniLMSettings()))
    right = [
        says((await answer_to(agent, asked.question)).text, asked.expected)
        for asked in ANSWERABLE[:60:4]
    ]

    assert sum(right) >= len(right) - 1


SAMPLES: dict[str, Value] = {
    "customer": 1042,
    "account": 20010,
    "card": 50100,
    "loan": 80010,
    "n": 3,
    "amount_over": 50_000,
    "amount_under": 50_000,
    "count_over": 1,
    "age_over": 65,
    "age_under": 30,
    "period": find_periods("in May 2026", REFERENCE_DATE)[0][2],
}
SAMPLES.update({kind: next(iter(values)) for kind, values in LIBRARY.values.items()})


@pytest.mark.parametrize("example", LIBRARY.examples, ids=lambda example: example.id)
async def test_every_example_runs_with_all_its_slots_and_with_none_it_can_do_without(
    example: WorkedExample,
) -> None:
    tool = shared_tool()

    for kinds in (example.slots, example.required):
        sql = fill_sql(example, {kind: SAMPLES[kind] for kind in kinds})
        found = await tool.async_run(tool.input_schema(query=sql), a_context(seconds=100))
        assert found.error is None, sql
