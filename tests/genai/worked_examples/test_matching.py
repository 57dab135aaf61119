from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.worked_examples.library import read_library
from genai.worked_examples.matching import Matcher
from genai.worked_examples.templates import fill_sql
from tests.support.embedders import SameEmbedder

LIBRARY = Path(__file__).with_name("library.yaml")


@pytest.fixture
def matcher() -> Matcher:
    return Matcher(read_library(LIBRARY), SameEmbedder(), threshold=0.5)


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("How many customers are there?", "WHERE TRUE"),
        ("how many clients have we in lisbon", "WHERE TRUE AND city = 'Lisbon'"),
        ("How many business customers live in Genoa?", "city = 'Genoa' AND segment = 'business'"),
        ("What is the balance of customer 1042?", "cu.customer_id = 1042"),
        ("What is Mia Gallo's balance?", "cu.name = 'Mia Gallo'"),
        ("Does Mia Gallo have a balance?", "cu.name = 'Mia Gallo'"),
        ("How many accounts have over 1,000 euros?", "balance_cents > 100000"),
        ("How many business accounts have more than €50k?", "> 5000000 AND type = 'business'"),
        ("Which five customers have the largest balance?", "LIMIT 5"),
        ("Which customers have the largest balance?", "LIMIT 1"),
    ],
)
async def test_values_of_the_question_go_into_the_sql(
    matcher: Matcher, question: str, where: str
) -> None:
    match = await matcher.async_match(question)

    assert match is not None
    assert where in fill_sql(match.example, match.slots)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "How many female customers are there?",
        "How many customers do not live in Lisbon?",
        "How many customers in Lisbon and Genoa?",
        "How many customers are there in Berlin?",
        "How many savings customers are there in Lisbon?",
        "How many accounts are there?",
        "What is the balance?",
        "What is the balance of customer 1042 and customer 1043?",
        "What is the balance of customer 1,042?",
        "How many customers have more than two accounts?",
        "How many customers are there in 2025?",
        "Which customers have no balance?",
        "How many of my customers live in Lisbon?",
    ],
)
async def test_a_question_with_more_or_fewer_concepts_matches_nothing(
    matcher: Matcher, question: str
) -> None:
    assert await matcher.async_match(question) is None


async def test_a_phrasing_is_embedded_once() -> None:
    embedder = SameEmbedder()
    matcher = Matcher(read_library(LIBRARY), embedder, threshold=0.5)

    await matcher.async_match("How many customers are there?")
    first = len(embedder.texts)
    await matcher.async_match("How many customers are there?")

    assert len(embedder.texts) == first + 1


async def test_a_dissimilar_question_matches_nothing() -> None:
    matcher = Matcher(read_library(LIBRARY), SameEmbedder(), threshold=1.1)

    assert await matcher.async_match("How many customers are there?") is None


def test_the_nearest_examples_can_be_suggested(matcher: Matcher) -> None:
    nearest = matcher.nearest("How many left-handed customers in Lisbon?", 2)

    assert nearest[0].id == "customers"


def test_an_invalid_library_file_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("examples: 3")

    with pytest.raises(Misconfigured):
        read_library(tmp_path / "x.yaml")
    with pytest.raises(Misconfigured):
        read_library(tmp_path / "none.yaml")


def test_a_relative_month_is_resolved_from_the_previous_question(matcher: Matcher) -> None:
    before = "How many customers joined in April 2026?"

    assert matcher.continued("And in the month before?", before) == (
        "How many customers joined in March 2026?"
    )
    assert matcher.continued("And in the month before?", "How many customers are there?") is None


def test_a_following_noun_decides_the_kind_of_a_name(matcher: Matcher) -> None:
    [headed] = matcher.read("How many business accounts are there?").mentions
    [alone] = matcher.read("How is business?").mentions

    assert headed.headed
    assert headed.kinds == {"account_type": "business"}
    assert not alone.headed
