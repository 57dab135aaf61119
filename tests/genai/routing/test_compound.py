import json
from pathlib import Path

import pytest

from genai.embeddings.minilm import MiniLMEmbedder
from genai.factory.orchestrator_factory import build_router
from genai.messages import Route
from genai.routing.base import SURE, Judgement
from genai.routing.compound import Compound, Part
from genai.settings.answering import RoutingSettings
from genai.settings.documents import MiniLMSettings
from tests.support.plans import WordJudge

FOLDER = Path(__file__).parents[3] / "sample_bank"


class Unasked(WordJudge):
    async def async_judge(self, texts: object) -> list[Judgement]:
        raise AssertionError("nobody had to be asked")


async def parts_of(text: str, judge: WordJudge | None = None) -> list[tuple[str, Route]]:
    """None of a question that stays whole."""
    parts = await Compound(judge or WordJudge()).async_parts(text)
    return [(part.text, part.route) for part in parts] if len(parts) > 1 else []


async def test_parts_with_different_routes_are_split() -> None:
    assert await parts_of("How many cards exist, and what do cards cost?") == [
        ("How many cards exist?", "agent"),
        ("What do cards cost?", "rag"),
    ]


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("How many cards exist, and how many loans are overdue?", "agent"),
        ("What does a card cost, and what does a loan cost?", "rag"),
    ],
)
async def test_parts_of_one_kind_that_stand_alone_are_parts(text: str, route: Route) -> None:
    assert [route for _, route in await parts_of(text)] == [route, route]


@pytest.mark.parametrize(
    "text",
    [
        "How many loans are overdue and how many of them are mortgages?",
        "How many loans are overdue, and how many are repaid?",
        "How many loans exist, and how many cards?",
    ],
)
async def test_dependent_figures_are_not_split(text: str) -> None:
    assert await parts_of(text) == []


async def test_parts_that_stay_together_know_where_they_belong() -> None:
    judge = WordJudge(loans="agent")
    figures = "What is the mean rate of our loans and how many are late?"
    rule = "What does a gold card cost me, and how fast?"

    assert await Compound(judge).async_parts(figures) == (Part(figures, "agent", surely=True),)
    assert await Compound(judge).async_parts(rule) == (Part(rule, "rag"),)


async def test_a_simple_question_has_no_parts() -> None:
    assert await Compound(WordJudge()).async_parts("How many loans are late?") == ()


async def test_a_wish_for_a_format_is_not_a_separate_figure() -> None:
    judge = WordJudge(many="agent", top="agent")

    assert await parts_of("How many loans did each branch grant? Give me the top 4.", judge) == []


@pytest.mark.parametrize(
    "text",
    [
        "What does a card from you cost me, and by when?",
        "What does a card from you cost me? Till when?",
        "Can my friend get a card and what would that cost?",
    ],
)
async def test_a_rule_with_a_dependent_second_half_is_not_split(text: str) -> None:
    assert await parts_of(text) == []


async def test_a_fragment_stays_with_the_part_before_it() -> None:
    text = "How many cards exist, what does a new card cost, and how fast?"

    assert await parts_of(text) == [
        ("How many cards exist?", "agent"),
        ("What does a new card cost and how fast?", "rag"),
    ]


async def test_a_rule_after_a_figure_is_a_part_even_if_it_refers_back() -> None:
    judge = WordJudge(SURE)

    assert await parts_of("How many cards exist, and what does that cost?", judge) == [
        ("How many cards exist?", "agent"),
        ("What does that cost?", "rag"),
    ]


async def test_a_dependent_part_with_an_uncertain_route_is_not_split_off() -> None:
    assert await parts_of("How many cards exist, and what does that cost?") == []


async def test_a_figure_that_refers_to_a_rule_is_asked_in_full() -> None:
    text = "What does a foreign transfer cost and how many did we have last month?"

    assert await parts_of(text) == [
        ("What does a foreign transfer cost?", "rag"),
        ("How many foreign transfers did we have last month?", "agent"),
    ]


async def test_a_rule_keeps_the_statements_before_it_and_a_figure_does_not() -> None:
    text = "I lost my card. How many cards exist, and what does a new card cost?"

    assert await parts_of(text) == [
        ("How many cards exist?", "agent"),
        ("I lost my card. What does a new card cost?", "rag"),
    ]


async def test_an_order_stands_without_the_statement_before_it() -> None:
    text = "My card 7 was stolen, please block it and tell me what a new card costs"

    assert [part for part, _ in await parts_of(text)] == [
        "Block card 7.",
        "My card 7 was stolen, what a new card costs?",
    ]


async def test_a_second_count_without_a_noun_stays_with_the_first() -> None:
    text = "How many disputes were opened and how many closed in 2026?"

    assert await parts_of(text, WordJudge(many="agent")) == []


async def test_a_statement_that_the_agent_reads_as_an_order_is_a_part() -> None:
    text = "My card 77 was stolen, I want it blocked, and what does a new card cost?"
    compound = Compound(WordJudge(), lambda texts: texts[-1].endswith("blocked"))

    order, rule = await compound.async_parts(text)

    assert order.text == "My card 77 was stolen, I want it blocked."
    assert rule.text.endswith("what does a new card cost?")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Show me the many cards in Lisbon and the cost of a transfer", True),
        ("Show me the cost of a card and the cost of a transfer", True),
        ("Show me the cost and the limits of a card", False),
        ("Show me the many cards in Lisbon and the many loans of Porto", False),
        ("Show me the many cards in Lisbon and the moon over the sea", False),
    ],
)
async def test_a_loose_part_is_split_off_by_its_route_or_its_noun(text: str, cut: bool) -> None:
    assert bool(await parts_of(text)) is cut


async def test_its_fee_is_a_part_if_its_noun_is_known() -> None:
    text = "How long does a foreign transfer take and its cost?"

    assert len(await parts_of(text)) == 2


async def test_a_confident_route_is_marked_as_sure() -> None:
    for confidence in (SURE, SURE - 0.1):
        text = "How many cards exist, and what does a gold card cost?"
        parts = await Compound(WordJudge(confidence)).async_parts(text)

        assert [part.surely for part in parts] == [confidence == SURE] * 2


async def test_a_question_without_a_conjunction_is_not_routed_by_parts() -> None:
    assert await parts_of("What does a replacement card cost?", Unasked()) == []


def questions(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


async def test_hardly_any_simple_question_of_the_sample_bank_is_split() -> None:
    router = build_router(
        RoutingSettings(weights=str(FOLDER / "route_weights.json")),
        MiniLMEmbedder(MiniLMSettings()),
    )
    compound = Compound(router)

    figures = [str(row["question"]) for row in questions("sql_questions.jsonl")]
    rules = [str(row["question"]) for row in questions("questions.jsonl")]

    async def cut(texts: list[str]) -> list[str]:
        return [text for text in texts if len(await compound.async_parts(text)) > 1]

    assert await cut(figures) == []
    parted = await cut(rules)
    assert all("?" in text[:-1] or " and " in text or ", " in text for text in parted)
    assert len(parted) <= 0.02 * len(rules)


async def test_personal_data_gives_no_part_its_kind() -> None:
    judge = WordJudge(CREDIT="agent", cost="rag")
    text = "What has <CREDIT_CARD_1_kqzvt> to pay, and what does a card cost?"

    assert [route for _, route in await parts_of(text, judge)] == ["rag", "rag"]
