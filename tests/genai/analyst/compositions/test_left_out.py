import pytest

from genai.analyst.compositions.left_out import left_out
from tests.support.named_things import find

RANKED = "GROUP BY b.city ORDER BY 2 DESC LIMIT 1"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which city has the most balls, apart from Rome", "Which city has the most balls?"),
        ("In which city other than Rome are most balls", "In which city are most balls?"),
    ],
)
def test_the_one_that_does_not_count_is_left_out_of_the_rows(question: str, asked: str) -> None:
    found = left_out(question, find)

    assert found is not None
    assert found[0] == asked
    assert found[1](f"SELECT b.city, COUNT(*) AS balls FROM balls b {RANKED}") == (
        f"SELECT b.city, COUNT(*) AS balls FROM balls b WHERE b.city <> 'Rome' {RANKED}"
    )


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT b.city, COUNT(*) AS balls FROM balls b WHERE b.city = 'Rome' {RANKED}",
        "SELECT b.colour, COUNT(*) AS balls FROM balls b GROUP BY b.colour ORDER BY 2 DESC LIMIT 1",
    ],
)
def test_rows_of_other_things_are_no_answer(query: str) -> None:
    found = left_out("Which city has the most balls, apart from Rome", find)

    assert found is not None
    assert found[1](query) is None


@pytest.mark.parametrize(
    "question", ["How many balls are there apart from Rome", "Which city has the most balls"]
)
def test_a_question_without_ranking_or_exception_is_unchanged(question: str) -> None:
    assert left_out(question, find) is None
