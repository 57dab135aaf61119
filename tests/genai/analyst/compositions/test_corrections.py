import pytest

from genai.analyst.compositions.corrections import corrected

BORN = "SELECT COUNT(*) FROM members m WHERE m.birth_date LIKE '2025-07%'"
BACK = "SELECT COUNT(*) FROM cards k WHERE {} date('2026-06-30', '-3 months')"
AHEAD = (
    "SELECT COUNT(*) FROM cards k"
    " WHERE k.ends_on BETWEEN '2026-06-30' AND date('2026-06-30', '+3 months')"
)


@pytest.mark.parametrize("question", ["who has birthday in July", "members born in July"])
def test_a_birthday_is_one_of_every_year(question: str) -> None:
    assert corrected(question, BORN, "birth_date").endswith("substr(m.birth_date, 6, 2) = '07'")


def test_a_birth_is_one_of_its_year() -> None:
    assert corrected("members born in July 2025", BORN, "birth_date") == BORN


@pytest.mark.parametrize("column", ["k.ends_on >", "substr(k.ends_on, 1, 10) >="])
@pytest.mark.parametrize("words", ["next 3 months", "coming three months"])
def test_future_periods_are_corrected(column: str, words: str) -> None:
    assert corrected(f"cards that end in the {words}", BACK.format(column), "x") == AHEAD


def test_past_periods_are_kept() -> None:
    sql = BACK.format("k.ends_on >")
    assert corrected("cards that ended in the last 3 months", sql, "x") == sql
    assert corrected("cards that end in the next 4 months", sql, "x") == sql
