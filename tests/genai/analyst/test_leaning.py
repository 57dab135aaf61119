import pytest

from genai.analyst.leaning import Leaning

LEANING = Leaning(["clubs?", "members?"])


@pytest.mark.parametrize("asked", ["And in Genoa?", "How many of those are new?", "by city"])
def test_a_question_without_a_noun_of_its_own_leans(asked: str) -> None:
    assert LEANING.leans(asked)


@pytest.mark.parametrize("asked", ["And the clubs in Genoa?", "How many members are there?"])
def test_a_question_with_one_does_not(asked: str) -> None:
    assert not LEANING.leans(asked)


def test_the_nouns_are_those_of_the_vocabulary_alone() -> None:
    assert LEANING.has_noun("how many members are new?")
    assert not LEANING.has_noun("how many loans are late?")
    assert not Leaning([]).has_noun("how many members are new?")
