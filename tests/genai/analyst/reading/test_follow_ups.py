import pytest

from genai.analyst.reading.follow_ups import FollowUps
from genai.messages import Message
from tests.support.named_things import find

LEANING = FollowUps(["clubs?", "members?"])


@pytest.mark.parametrize("asked", ["And in Genoa?", "How many of those are new?", "by city"])
def test_a_question_without_a_subject_is_a_follow_up(asked: str) -> None:
    assert LEANING.leans(asked)


@pytest.mark.parametrize("asked", ["And the clubs in Genoa?", "How many members are there?"])
def test_a_question_with_one_does_not(asked: str) -> None:
    assert not LEANING.leans(asked)


def test_the_nouns_are_those_of_the_vocabulary_alone() -> None:
    assert LEANING.has_noun("how many members are new?")
    assert not LEANING.has_noun("how many loans are late?")
    assert not FollowUps([]).has_noun("how many members are new?")


def read(*asked: str) -> tuple[str, str | None]:
    """*And in Oslo?* puts Oslo for Rome, and nothing else is known to continue a question."""

    def continued(question: str, before: str) -> str | None:
        return before.replace("Rome", "Oslo") if question == "And in Oslo?" else None

    messages = [Message(role="user", content=text) for text in asked]
    return LEANING.read(messages, find, continued)


FIRST = "How many members live in Rome?"


def test_the_first_question_is_no_follow_up() -> None:
    assert read("by size") == ("by size", None)


def test_a_follow_up_refers_to_the_question_before() -> None:
    assert read(FIRST, "by size") == ("by size", FIRST)


def test_another_name_makes_it_whole() -> None:
    assert read(FIRST, "And in Oslo?") == ("How many members live in Oslo?", None)


def test_a_chain_refers_to_the_completed_question_before() -> None:
    assert read(FIRST, "And in Oslo?", "by size") == ("by size", "How many members live in Oslo?")
    assert read(FIRST, "only the red ones", "by size")[1] == "How many red members live in Rome?"
    assert read("How many members?", "only those in 2025", "by size")[1] == (
        "How many members in 2025?"
    )


def test_only_some_of_the_same_lean_too() -> None:
    assert read(FIRST, "only the red members", "by size")[1] == "How many red members live in Rome?"
    assert read(FIRST, "only the red clubs") == ("only the red clubs", None)


def test_a_chain_with_an_incomplete_middle_is_unknown() -> None:
    assert read(FIRST, "only the richer ones", "by size") == ("by size", "")
    assert read(FIRST, "not the red ones", "by size") == ("by size", "")


def test_a_month_beside_an_unknown_one_is_unknown() -> None:
    assert read(FIRST, "and the month before?") == ("and the month before?", "")


@pytest.mark.parametrize(
    ("asked", "lacks"),
    [
        ("How many of them live in Rome?", True),
        ("What do they owe?", True),
        ("What is the sum of these clubs?", True),
        ("How much do those new members owe?", True),
        ("How many members have them?", False),
        ("How big are those clubs that are new?", False),
        ("How many members left these clubs?", True),
        ("How many clubs have members, and how many members left these clubs?", False),
        ("How many members are new and how big are these clubs?", False),
        ("How many members say that they are new?", False),
    ],
)
def test_without_a_previous_question_a_pronoun_is_unresolved(asked: str, lacks: bool) -> None:
    assert LEANING.lacks_one(asked) is lacks
    assert (read(asked)[1] == "") is lacks


def test_a_count_without_a_subject_counts_what_was_counted_before() -> None:
    assert read(FIRST, "How many have a club?") == ("How many have a club?", FIRST)
    assert read(FIRST, "How many are there of the clubs?")[1] is None
