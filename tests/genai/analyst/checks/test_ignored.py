import numpy as np
import pytest

from genai.analyst.checks.ignored import Ignored
from genai.analyst.reading.second_reader import SecondReader
from genai.analyst.vocabulary import Vocabulary
from tests.support.named_things import find

ALL = "SELECT COUNT(*) AS balls FROM balls b"
FLAT = f"{ALL} WHERE b.air = 'none'"
KNOWN = ("airless", "rented", "staff", "round", "toy")
PARTS = ("b.air = none", "declines it is not held", "from balls")
WEIGHTS = np.array([[2, 0, 1], [0, 2, 0], [0, 2, 1], [0.5, 0, 2], [2, 0, 0]], dtype=np.float32)
WORDS = Vocabulary(nouns=("balls?",), absent="not held", of_all=("toy",))
IGNORED = Ignored(WORDS, SecondReader(KNOWN, PARTS, WEIGHTS, np.zeros(3, dtype=np.float32)))


@pytest.mark.parametrize(
    "question", ["How many airless balls are there?", "rented balls", "balls of x rented"]
)
def test_a_restricting_word_needs_a_condition(question: str) -> None:
    assert IGNORED.ignores(question, find(question), ALL)


def test_it_does_in_the_condition_that_it_calls_for() -> None:
    assert not IGNORED.ignores("airless balls", (), FLAT)


@pytest.mark.parametrize(
    "question",
    ["round balls", "all balls", "strange balls", "largest balls", "staff balls", "toy balls"],
)
def test_other_words_need_not(question: str) -> None:
    assert not IGNORED.ignores(question, find(question), ALL)


def test_a_name_is_looked_for_elsewhere() -> None:
    reader = SecondReader(("red",), PARTS, WEIGHTS[:1], np.zeros(3, dtype=np.float32))
    assert not Ignored(WORDS, reader).ignores("red balls", find("red balls"), ALL)


def test_the_share_of_some_is_not_that_of_all() -> None:
    part = "SELECT ROUND(100.0 * SUM(CASE WHEN b.air = 'none' THEN 1 ELSE 0 END) / COUNT(*), 2) AS percent"
    question = "What share of airless balls is red?"

    assert IGNORED.ignores(question, find(question), f"{part} FROM balls b")
    assert not IGNORED.ignores(
        question, find(question), f"{part} FROM balls b WHERE b.air = 'none'"
    )
    assert not IGNORED.ignores("What share of balls is airless?", (), f"{part} FROM balls b")


def test_a_verb_after_the_noun_needs_a_condition_too() -> None:
    assert IGNORED.ignores("How many balls in Rome were kicked?", (), ALL)
