import re

import pytest

from genai.safety.word_search import word_finder

WORD = re.compile("[a-z0-9'!]+")


@pytest.mark.parametrize(
    "text", ["", " ", "don't go!", "a\tb\x02c\n", "so: it's 5", "caf\u00e9 au lait", "\u2019tis"]
)
def test_the_words_are_those_of_the_pattern(text: str) -> None:
    assert word_finder(WORD)(text) == WORD.findall(text)
