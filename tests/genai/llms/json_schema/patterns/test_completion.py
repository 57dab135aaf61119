import pytest

from genai.llms.json_schema.patterns.completion import shortest_completion
from genai.llms.json_schema.patterns.parsing import parse


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
def test_a_cut_off_text_gets_the_shortest_completion(pattern: str, begun: str, rest: str) -> None:
    assert shortest_completion(parse(pattern), begun) == rest


def test_a_text_that_does_not_match_has_no_completion() -> None:
    assert shortest_completion(parse("^[0-9]+$"), "a") is None


def test_an_ambiguous_pattern_is_given_up_instead_of_searched_for_ever() -> None:
    assert shortest_completion(parse("^" + ".*" * 60 + "x$"), "a" * 4000) is None
