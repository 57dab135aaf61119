import math
import re

import pytest

from genai.llms.json_schema.patterns import (
    Unsupported,
    drawn_in,
    lengths,
    read,
    read_back,
    rest_of,
    written,
)


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
def test_a_pattern_knows_how_long_its_texts_are(pattern: str, fewest: int, most: float) -> None:
    assert lengths(read(pattern)) == (fewest, most)


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "^(ab?|c)*$", r"^\S+@\S+$", "^a{3,9}b*$", "x$"])
@pytest.mark.parametrize(("least", "most"), [(0, 5), (4, 6), (5, 5), (3, math.inf)])
def test_what_is_drawn_in_has_lengths_within_the_limits(
    pattern: str, least: int, most: float
) -> None:
    node = drawn_in(read(pattern), least, most)

    assert node is not None
    fewest, longest = lengths(node)
    assert least <= fewest <= longest <= most


def test_what_does_not_fit_cannot_be_drawn_in() -> None:
    assert drawn_in(read("^[a-z]{4}$"), 5, 9) is None
    assert drawn_in(read("^[a-z]{4}$"), 0, 3) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "^a**$",
        r"\p{L}",
        "(?i)a",
        r"a\b",
        "(?=a)b",
        r"(a)\1",
        "a$b",
        "(a{9999}){99999}",
        "(" * 60 + ")" * 60,
    ],
)
def test_what_no_grammar_keeps_is_told(pattern: str) -> None:
    with pytest.raises(Unsupported):
        read(pattern)


@pytest.mark.parametrize("text", ["", 'say "x"', "back\\slash", "a\nb", "ü€", "tab\t"])
def test_a_literal_is_written_as_json_writes_it(text: str) -> None:
    node = read(f"^{re.escape(text)}$")

    assert rest_of(read_back(written(node)), "") is not None
    assert lengths(node) == (len(text), len(text))


@pytest.mark.parametrize(
    ("pattern", "begun", "rest"),
    [
        ("^[0-9]{4}-[0-9]{2}$", "20", "00-00"),
        (r"^\S+@\S+$", "jo", "@0"),
        ("^(abc|abd+)$", "ab", "c"),
        ("^a*b$", "aaa", "b"),
        ("^(a?b?){2}c$", "ab", "c"),
    ],
)
def test_a_text_that_was_cut_is_completed_in_the_shortest_way(
    pattern: str, begun: str, rest: str
) -> None:
    assert rest_of(read(pattern), begun) == rest


def test_a_text_of_another_pattern_is_not_completed() -> None:
    assert rest_of(read("^[0-9]+$"), "a") is None


@pytest.mark.parametrize("most", [99, 100, 101, 256])
def test_no_count_is_larger_than_what_a_grammar_can_be_made_of(most: int) -> None:
    counts = re.findall(r"(\d+)\}", written(read(f"^a{{3,{most}}}$")).replace("u{61}", ""))

    assert max(map(int, counts)) <= 100


def test_nothing_that_is_repeated_for_ever_is_nothing() -> None:
    assert written(read("^(){1000000000}a$")) == written(read("^a$"))


def test_what_is_nested_is_drawn_in_at_once() -> None:
    pattern = "(ab|c)*"
    for letter in "defgh":
        pattern = f"({pattern}{letter}?{letter}?)*"

    drawn_in(read(f"^{pattern}$"), 37, 38)
    assert rest_of(read("^" + ".*" * 60 + "x$"), "a" * 4000) is None
