import itertools

import pytest

from genai.safety.injection.windows import SIZE, windows

TEXT = "The branch opens at nine. It closes at five! Is the hall open?\nYes, it is. " * 30


@pytest.mark.parametrize("text", ["", "short", TEXT, "x" * 5000, "one word " * 400, "\n" * 900])
def test_windows_cover_the_text_and_none_is_too_long(text: str) -> None:
    found = windows(text)

    assert found[0][0] == 0
    assert found[-1][1] == len(text)
    for (start, end), (following, _) in itertools.pairwise(found):
        assert start < following <= end
    assert all(end - start <= SIZE for start, end in found)


def test_a_short_text_is_one_window() -> None:
    assert windows("Hello. How are you?") == [(0, 19)]


def test_windows_begin_with_sentences_and_overlap() -> None:
    found = windows(TEXT)

    assert all(TEXT[start - 1].isspace() for start, _ in found[1:])
    assert any(following < end for (_, end), (following, _) in itertools.pairwise(found))


@pytest.mark.parametrize("text", ["." * 200_000, " " * 200_000, "a. " * 60_000, "a" * 200_000])
@pytest.mark.timeout(30)
def test_hostile_text_is_cut_in_linear_time(text: str) -> None:
    assert len(windows(text)) <= len(text) / 50
