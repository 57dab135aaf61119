import math

import pytest

from genai.llms.json_schema.patterns.bounding import limit_length
from genai.llms.json_schema.patterns.parsing import parse
from genai.llms.json_schema.patterns.tree import lengths


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "^(ab?|c)*$", r"^\S+@\S+$", "^a{3,9}b*$", "x$"])
@pytest.mark.parametrize(("least", "most"), [(0, 5), (4, 6), (5, 5), (3, math.inf)])
def test_a_limited_tree_matches_only_lengths_within_the_limits(
    pattern: str, least: int, most: float
) -> None:
    node = limit_length(parse(pattern), least, most)

    assert node is not None
    fewest, longest = lengths(node)
    assert least <= fewest <= longest <= most


def test_there_is_no_tree_when_no_length_fits() -> None:
    assert limit_length(parse("^[a-z]{4}$"), 5, 9) is None
    assert limit_length(parse("^[a-z]{4}$"), 0, 3) is None


def test_nested_repeats_are_limited_without_exponential_time() -> None:
    pattern = "(ab|c)*"
    for letter in "defgh":
        pattern = f"({pattern}{letter}?{letter}?)*"

    limit_length(parse(f"^{pattern}$"), 37, 38)
