import numpy as np
import pytest

from genai.analyst.checks.predicates import Predicates
from genai.analyst.reading.second_reader import SecondReader
from genai.analyst.vocabulary import Vocabulary

ALL = "SELECT COUNT(*) AS balls FROM balls b"
WEIGHTS = np.array([[0, 2], [2, 1], [1, 2]], dtype=np.float32)
READER = SecondReader(
    ("rented", "signed", "approved"),
    ("declines it is not held", "from balls"),
    WEIGHTS,
    np.zeros(2, dtype=np.float32),
)
WORDS = Vocabulary.model_validate(
    {
        "absent": "not held",
        "named": {"spoken": [{"asked": r"\bborn\b", "read": "made_on"}]},
        "unasked": {"called": {"b.air": {"none": ["deflated"]}}},
    }
)
PREDICATES = Predicates(WORDS, READER)


@pytest.mark.parametrize(
    "question",
    [
        "How many balls in Rome were kicked?",
        "How many red balls have been kicked in Rome?",
        "How many balls in Rome burst or bounced?",
        "balls in Rome that got lost",
        "Which balls were not yet kicked?",
        "How many balls in Rome were deflated?",
        "How many balls were born in Rome?",
    ],
)
def test_a_verb_that_the_query_does_not_cover_is_found(question: str) -> None:
    assert PREDICATES.uncovered(question, ALL)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("How many balls were kicked?", f"{ALL} JOIN kicks k ON k.ball_id = b.ball_id"),
        ("How many balls are deflated?", f"{ALL} WHERE b.air = 'none'"),
        ("How many balls were born in 2020?", f"{ALL} WHERE b.made_on LIKE '2020%'"),
        ("How many balls were rented?", ALL),
        ("How many balls were approved?", ALL),
    ],
)
def test_a_table_column_value_or_known_word_covers_it(question: str, sql: str) -> None:
    assert not PREDICATES.uncovered(question, sql)


def test_a_verb_for_what_the_database_lacks_is_not_covered_by_its_table() -> None:
    assert PREDICATES.uncovered("How many balls were signed?", ALL)


@pytest.mark.parametrize(
    "question",
    [
        "How many balls are registered in Rome?",
        "How many balls were made?",
        "How many balls are there?",
        "How many kicked balls are red?",
        "How many balls need air?",
    ],
)
def test_what_excludes_no_rows_needs_no_condition(question: str) -> None:
    assert not PREDICATES.uncovered(question, ALL)
