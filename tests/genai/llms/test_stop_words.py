import pytest

from genai.llms.stop_words import StopWords


@pytest.mark.parametrize("size", [1, 2, 100])
def test_the_text_ends_before_the_first_stop_word(size: int) -> None:
    text, stop = "one two END three", StopWords(("STOP", "END"))

    passed = "".join(stop.feed(text[at : at + size]) for at in range(0, len(text), size))

    assert passed + stop.rest() == "one two "
    assert stop.found


def test_a_partial_stop_word_at_the_end_is_not_lost() -> None:
    stop = StopWords(("END",))

    assert stop.feed("the EN") == "the "
    assert stop.rest() == "EN"


def test_without_stop_words_the_text_is_unchanged() -> None:
    assert StopWords(()).feed("all") == "all"
