import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai.base.prompt import estimate_tokens
from genai.rag.passages.cutting import cut
from genai.rag.passages.markdown import TextSpan


def parts(text: str, limit: int) -> list[str]:
    return [text[part.start : part.end] for part in cut(text, TextSpan(0, len(text)), limit)]


def test_what_fits_stays_whole() -> None:
    assert parts("One. Two.", 10) == ["One. Two."]


def test_what_is_too_long_is_cut_between_sentences() -> None:
    assert parts("The first sentence. The second one.", 8) == [
        "The first sentence.",
        "The second one.",
    ]


def test_a_text_in_small_letters_is_cut_at_its_full_stops_and_semicolons() -> None:
    text = "the fee was raised; the rate was cut . deposits grew a lot"

    assert parts(text, 8) == ["the fee was raised;", "the rate was cut .", "deposits grew a lot"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aaa bbb ccc ddd", ["aaa bbb", "ccc ddd"]),
        ("aaaa bbbbb cc", ["aaaa bbbbb", "cc"]),
        ("aaaaaaaaaa bb", ["aaaaaaaaaa", "bb"]),
        ("aaaaaaaaaaa bb", ["aaaaaaaaaa", "a bb"]),
        ("a bbbbbbbbbbbbb", ["a", "bbbbbbbbb", "bbbb"]),
        ("aaa\nbbb ccc ddd", ["aaa\nbbb", "ccc ddd"]),
        ("a" * 21, ["a" * 10, "a" * 10, "a"]),
    ],
)
def test_each_part_has_as_many_words_as_fit(text: str, found: list[str]) -> None:
    assert parts(text, limit=3) == found  # at most ten letters


@pytest.mark.parametrize("letter", ["a", "é", "€"])
def test_a_text_without_spaces_fills_each_part(letter: str) -> None:
    for limit in range(2, 60):
        first, second, *_ = parts(letter * 500, limit)

        assert len(first) == len(second)
        assert estimate_tokens(first) <= limit < estimate_tokens(first + letter)


@pytest.mark.parametrize("text", ["word " * 400, "x" * 3000, "line\n" * 400, "ü" * 900])
def test_nothing_stays_longer_than_the_limit(text: str) -> None:
    found = parts(text, 50)

    assert max(map(estimate_tokens, found)) <= 50
    assert len(found) <= 2 * estimate_tokens(text) / 50 + 1


@given(st.text(max_size=400), st.integers(min_value=4, max_value=40))
def test_only_white_space_is_lost(text: str, limit: int) -> None:
    assert "".join("".join(parts(text, limit)).split()) == "".join(text.split())
