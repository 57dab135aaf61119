import math

import pytest

from genai.llms.json_schema.patterns.parsing import parse
from genai.llms.json_schema.patterns.tree import lengths


@pytest.mark.parametrize(
    ("pattern", "fewest", "most"),
    [
        ("^[a-z]{2,5}$", 2, 5),
        ("^(ab|c)$", 1, 2),
        ("^$", 0, 0),
        ("", 0, math.inf),
        ("^x", 1, math.inf),
        ("[0-9]+", 1, math.inf),
        (r"^\d{4}-\d{2}$", 7, 7),
    ],
)
def test_lengths_of_the_shortest_and_longest_match(pattern: str, fewest: int, most: float) -> None:
    assert lengths(parse(pattern)) == (fewest, most)
