"""The trained model that is shipped, asked questions that no worked example asks, by the whole agent."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from genai.agents.react import ReActAgent
from genai.analyst.analyst import AnalystLLM
from genai.events import DraftEvent
from genai.llms.huggingface import HuggingFaceLLM
from genai.messages import ChatRequest, Draft, Message
from genai.prompts.template import load_prompt
from genai.settings.models import AnalystSettings, HuggingFaceSettings, NearestExampleSettings
from genai.tools.sql import SQLTool
from genai.tools.sqlite import SQLiteDatabase
from genai.worked_examples.nearest_example import NearestExampleLLM
from sample_bank.training.generator import ONLY_SQL
from tests.support.agents import a_context, a_question
from tests.support.bank import bank_path
from tests.support.embedders import SameEmbedder

FOLDER = Path(__file__).parents[2] / "sample_bank"
MODEL = FOLDER / "models" / "analyst"
EXAMPLES = str(FOLDER / "sql_examples.yaml")
WORDS = str(FOLDER / "analyst_words.yaml")
MOST_BYTES = 64 * 2**20

ASKED = {
    "so what's the headcount of all our clients over in Hamburg": (
        "SELECT COUNT(*) FROM customers WHERE city = 'Hamburg'"
    ),
    "cards that were locked, how many please": (
        "SELECT COUNT(*) FROM cards WHERE status = 'blocked'"
    ),
    "i need to know how much was shelled out on groceries during may 2026": (
        "SELECT ROUND(-SUM(amount_cents) / 100.0, 2) FROM transactions"
        " WHERE category = 'groceries' AND booked_at LIKE '2026-05%'"
    ),
    "the mean rate of interest across our car loans?": (
        "SELECT ROUND(AVG(rate_percent), 2) FROM loans WHERE kind = 'car'"
    ),
}


@pytest.fixture
async def model() -> AsyncIterator[HuggingFaceLLM]:
    settings = HuggingFaceSettings(backend="huggingface", model=str(MODEL), dtype="float32")
    llm = HuggingFaceLLM("bank", settings)
    await llm.async_start()
    yield llm
    await llm.async_close()


def an_agent(model: HuggingFaceLLM) -> ReActAgent:
    known = NearestExampleSettings(backend="nearest_example", examples=EXAMPLES)
    settings = AnalystSettings(backend="analyst", model="bank", examples=EXAMPLES, words=WORDS)
    worked = NearestExampleLLM("analyst", known, SameEmbedder())
    llm = AnalystLLM("analyst", settings, model, worked)
    tool = SQLTool(SQLiteDatabase(bank_path()), timeout_s=25.0)
    return ReActAgent(llm, [tool], load_prompt("react"), timeout=100.0)


async def answer(agent: ReActAgent, question: str) -> Draft:
    events = [event async for event in agent.async_loop(a_question(question))]
    return next(event.draft for event in events if isinstance(event, DraftEvent))


@pytest.mark.parametrize("question", ASKED)
async def test_the_shipped_model_finds_what_is_asked(model: HuggingFaceLLM, question: str) -> None:
    with closing(sqlite3.connect(f"{bank_path().as_uri()}?mode=ro", uri=True)) as connection:
        ((value,),) = connection.execute(ASKED[question]).fetchall()

    draft = await answer(an_agent(model), question)

    assert str(value) in draft.steps[-1].observation
    assert str(value) in draft.text or f"{value:.2f}" in draft.text


async def test_what_the_database_does_not_hold_gets_no_number(model: HuggingFaceLLM) -> None:
    draft = await answer(an_agent(model), "what is the average credit score of our borrowers?")

    assert not draft.steps
    assert not any(character.isdigit() for character in draft.text)


async def test_in_a_chat_it_says_what_it_is_for(model: HuggingFaceLLM) -> None:
    hello = (Message(role="user", content="Good morning! How are you?"),)

    said = await model.async_chat(ChatRequest(messages=hello, context=a_context(seconds=60.0)))

    assert said.text == ONLY_SQL


def test_the_file_is_small_and_says_how_it_was_made() -> None:
    card = json.loads((MODEL / "card.json").read_text())

    assert (MODEL / "model.safetensors").stat().st_size < MOST_BYTES
    assert card["command"] == "make analyst"
    assert card["figures"]["parameters"] < 30_000_000
    assert card["figures"]["seconds"] < 90 * 60
