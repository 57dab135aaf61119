import json
import time
from pathlib import Path

import pytest

from genai.embeddings.minilm import MiniLMEmbedder
from genai.factory.orchestrator_factory import build_nearest
from genai.routing.base import Judgement
from genai.routing.compound import LONGEST, Compound, cut_up
from genai.settings.answering import RoutingSettings
from genai.settings.documents import MiniLMSettings
from tests.support.plans import WordJudge

FOLDER = Path(__file__).parents[3] / "sample_bank"

COMPOUND = (
    "How many customers in Dublin have an overdrawn account, and what overdraft interest do they pay?",
    "What does it cost to replace a lost card, and how many cards are blocked?",
    "Block card 50017, and what does a replacement card cost?",
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How many cards exist, and what does one cost?", ["How many cards exist?", "What does one cost?"]),
        ("How many cards exist? And what is a card?", ["How many cards exist?", "What is a card?"]),
        ("How many cards exist; by when can I pay?", ["How many cards exist?", "By when can I pay?"]),
        ("Block card 7, and what does a new card cost?", ["Block card 7.", "What does a new card cost?"]),
        ("What does a card and its PIN cost?", ["What does a card and its PIN cost?"]),
        ("I lost my card and what now?", ["I lost my card and what now?"]),
        ("My card is gone. What does a new card cost?", ["My card is gone. What does a new card cost?"]),
        ("How many?", ["How many?"]),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_one_question_ends_and_another_begins(
    text: str, parts: list[str]
) -> None:
    assert cut_up(text) == parts


@pytest.mark.parametrize("part", [" ", "? and ", ", also ", "tell ", "and, what ", "\n", "a"])
def test_no_text_takes_long_to_look_through(part: str) -> None:
    texts = [part * 32_000, (part * LONGEST)[:LONGEST]]
    started = time.process_time()

    for text in texts:
        cut_up(text)

    assert time.process_time() - started < 0.2


async def test_parts_of_one_kind_stay_together() -> None:
    compound = Compound(WordJudge())

    assert await compound.async_parts("How many cards exist, and how many loans are there?") == ()


async def test_parts_of_two_kinds_are_told_apart() -> None:
    parts = await Compound(WordJudge()).async_parts("How many cards exist, and what do cards cost?")

    assert [part.route for part in parts] == ["agent", "rag"]


async def test_a_part_that_nobody_is_sure_of_keeps_the_question_whole() -> None:
    text = "How many cards exist, and what does the moon look like?"

    assert await Compound(WordJudge()).async_parts(text) == ()


class Unasked(WordJudge):
    async def async_judge(self, texts: object) -> list[Judgement]:
        raise AssertionError("nobody had to be asked")


async def test_a_question_without_a_joint_costs_no_thought() -> None:
    assert await Compound(Unasked()).async_parts("What does a replacement card cost?") == ()


async def test_no_question_of_the_sample_bank_is_split() -> None:
    compound = Compound(build_nearest(RoutingSettings(), MiniLMEmbedder(MiniLMSettings())))
    texts = [
        json.loads(line)["question"]
        for name in ("questions.jsonl", "sql_questions.jsonl")
        for line in (FOLDER / name).read_text().splitlines()
    ]

    split = [text for text in texts if await compound.async_parts(text)]

    assert split == []
    assert all([await compound.async_parts(text) for text in COMPOUND])


async def test_personal_data_gives_no_part_its_kind() -> None:
    judge = WordJudge(CREDIT="agent", cost="rag")
    text = "How many has <CREDIT_CARD_1_kqzvt>, and what does it cost?"

    assert await Compound(judge).async_parts(text) == ()
