from pathlib import Path

import numpy as np
import pytest

from genai.analyst.reading.features import ngrams, query_features
from genai.analyst.reading.second_reader import SecondReader, read_reader, write_reader

BLOCKED = "SELECT COUNT(*) AS cards FROM cards k WHERE k.status = 'blocked'"
ALL = "SELECT COUNT(*) AS cards FROM cards k"
KNOWN = ["how many", "cards", "blocked", "frozen"]
PARTS = ["as cards", "from cards", "k.status = blocked"]


@pytest.fixture
def reader(tmp_path: Path) -> SecondReader:
    """It has learnt that *blocked* calls for the state, and *cards* for the table."""
    weights = np.array([[0, 0, 0], [8, 8, 0], [0, 0, 12], [0, 0, 0]], dtype=np.float32)
    bias = np.array([-5, -5, -6], dtype=np.float32)
    write_reader(tmp_path / "reader.npz", KNOWN, PARTS, weights, bias)
    return read_reader(tmp_path / "reader.npz")


def test_a_query_that_matches_the_words_is_not_doubted(reader: SecondReader) -> None:
    assert not reader.doubts("How many blocked cards?", BLOCKED)
    assert not reader.doubts("How many cards?", ALL)


def test_a_part_that_no_word_calls_for_is_doubted(reader: SecondReader) -> None:
    assert reader.doubts("How many cards?", BLOCKED)


def test_a_part_that_a_word_calls_for_and_is_not_there_is_doubted(reader: SecondReader) -> None:
    assert reader.doubts("How many blocked cards?", ALL)


def test_a_question_of_unknown_words_is_doubted(reader: SecondReader) -> None:
    assert reader.doubts("Quantas?", ALL)


def test_a_condition_that_was_never_learnt_is_doubted(reader: SecondReader) -> None:
    assert reader.doubts("How many cards?", f"{ALL} WHERE k.status = 'melted'")


def test_numbers_are_alike_but_for_years_and_ids() -> None:
    assert ngrams("over 20 in 2025") == ngrams("over 75 in 2025")
    assert ngrams("in 2024") != ngrams("in 2025")
    assert ngrams("account 20010") == ngrams("account 20999")


def test_the_words_of_the_question_before_are_marked() -> None:
    assert "^blocked" in ngrams("blocked cards\nand in Genoa?")
    assert "blocked" not in ngrams("blocked cards\nand in Genoa?")


def test_a_query_is_known_by_its_parts() -> None:
    sql = (
        "SELECT c.city, COUNT(*) AS customers FROM customers c WHERE c.segment IN ('retail', 'premium')"
        " AND c.joined_on LIKE '2025%' AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.customer_id ="
        " c.customer_id) GROUP BY c.city ORDER BY 2 DESC LIMIT 3"
    )

    assert {
        "from customers",
        "as customers",
        "c.segment = retail",
        "c.segment = premium",
        "c.joined_on time",
        "NOT EXISTS loans",
        "by c.city",
        "LIMIT",
    } <= query_features(sql)
