import re

import numpy as np
import pytest

from genai.analyst.ignored import Ignored
from genai.analyst.second_reader import SecondReader
from tests.support.named_things import find

ALL = "SELECT COUNT(*) AS balls FROM balls b"
FLAT = f"{ALL} WHERE b.air = 'none'"
KNOWN = ("airless", "rented", "staff", "round")
PARTS = ("b.air = none", "declines it is not held", "from balls")
WEIGHTS = np.array([[2, 0, 1], [0, 2, 0], [0, 2, 1], [0.5, 0, 2]], dtype=np.float32)
IGNORED = Ignored(
    ["balls?"],
    re.compile("not held"),
    SecondReader(KNOWN, PARTS, WEIGHTS, np.zeros(3, dtype=np.float32)),
)


@pytest.mark.parametrize(
    "question", ["How many airless balls are there?", "rented balls", "balls of x rented"]
)
def test_a_word_that_says_something_must_show(question: str) -> None:
    assert IGNORED.ignores(question, find(question), ALL)


def test_it_does_in_the_condition_that_it_calls_for() -> None:
    assert not IGNORED.ignores("airless balls", (), FLAT)


@pytest.mark.parametrize(
    "question", ["round balls", "all balls", "strange balls", "largest balls", "staff balls"]
)
def test_other_words_need_not(question: str) -> None:
    assert not IGNORED.ignores(question, find(question), ALL)


def test_a_name_is_looked_for_elsewhere() -> None:
    reader = SecondReader(("red",), PARTS, WEIGHTS[:1], np.zeros(3, dtype=np.float32))
    ignored = Ignored(["balls?"], re.compile("not held"), reader)
    assert not ignored.ignores("red balls", find("red balls"), ALL)
