import pytest

from genai.analyst.checks.shares import keeps_whole_and_part, read_share, share_of_each
from tests.support.named_things import find


def share_of(part: str, whole: str) -> str:
    return (
        f"SELECT ROUND(100.0 * SUM(CASE WHEN b.x = '{part}' THEN 1 ELSE 0 END) / COUNT(*), 2) AS percent"
        f" FROM balls b WHERE b.y = '{whole}'"
    )


QUESTIONS = [
    "What percentage of red balls are large?",
    "Of all red balls, what share is large?",
    "What proportion of the red balls has a large size",
    "what % of red balls are large?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_whole_and_the_part_stand_in_their_places(question: str) -> None:
    assert keeps_whole_and_part(question, find(question), share_of("large", "red"))
    assert not keeps_whole_and_part(question, find(question), share_of("red", "large"))


def test_money_has_a_whole_and_a_part_too() -> None:
    question = "What percentage of red balls are large?"
    sql = "SELECT 100.0 * SUM(CASE WHEN b.x = 'red' THEN b.p ELSE 0 END) / SUM(b.p) FROM balls b"
    assert not keeps_whole_and_part(question, find(question), sql)


def test_years_have_their_places() -> None:
    question = "Of the balls made in 2020, what percentage is large?"
    sql = share_of("large", "red").replace("b.y = 'red'", "b.made_on LIKE '2020%'")
    assert keeps_whole_and_part(question, find(question), sql)
    assert not keeps_whole_and_part(question, find(question), share_of("2020%", "large"))


def test_numbers_have_their_places() -> None:
    question = "What percentage of red balls are above 10,000 grams?"
    sql = share_of("x", "red").replace("b.x = 'x'", "b.grams > 10000")
    assert keeps_whole_and_part(question, find(question), sql)
    assert not keeps_whole_and_part(
        question, find(question), f"{share_of('x', 'red')} AND b.grams > 10000"
    )


def test_a_clause_belongs_to_the_whole() -> None:
    found = read_share("share of balls that are red are large")
    assert found is not None
    assert (found.whole, found.part) == ("balls that are red", "are large")


@pytest.mark.parametrize(
    ("question", "what", "group"),
    [
        ("Share of balls per size", "balls", "size"),
        ("What percentage of all balls is in each size?", "balls", "size"),
        ("distribution of balls by size in percent", "balls", "size"),
        ("share of each size in all balls, in percent", "balls", "size"),
    ],
)
def test_parts_of_one_whole(question: str, what: str, group: str) -> None:
    found = share_of_each(question, find)
    assert found is not None
    assert (found["what"], found["group"]) == (what, group)


def test_a_part_of_each_group_is_something_else() -> None:
    assert share_of_each("Share of red balls per size", find) is None
