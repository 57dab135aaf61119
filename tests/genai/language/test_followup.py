import pytest

from genai.language.followup import (
    Dependence,
    alone,
    continues,
    dependence,
    fragment,
    joined,
    leant_on,
)
from genai.messages import Turn

HISTORY = (
    Turn(role="user", content="What is the fee of the Gold card?"),
    Turn(role="assistant", content="95 euros."),
)


@pytest.mark.parametrize(
    "text",
    [
        "How much?",
        "Is it refundable?",
        "Which documents do I need for it?",
        "Where do I do that?",
        "How long does that take?",
        "How many did we have last month?",
        "And what does the smallest one cost?",
    ],
)
def test_a_question_that_points_back_leans_surely(text: str) -> None:
    assert dependence(text) is Dependence.SURELY


@pytest.mark.parametrize(
    "text",
    [
        "And abroad?",
        "What about Blue?",
        "What's the limit?",
        "only premium customers",
        "And inside the euro area?",
        "by city and year",
    ],
)
def test_a_question_of_hardly_any_words_leans_perhaps(text: str) -> None:
    assert dependence(text) is Dependence.PERHAPS


@pytest.mark.parametrize(
    "text",
    [
        "How do I close a savings account?",
        "How does one file a complaint?",
        "In which branch is a locker?",
        "What should a customer do when their card is stolen?",
        "Is there a fee for the overdraft?",
        "I lost my card, can you block it?",
        "How long does it take to open an account?",
        "How do I get a card that works abroad?",
        "And how do I close a savings account?",
        "How can I be sure it's you on the phone?",
        "it says the name doesn't fit",
        "will it rain at the weekend?",
    ],
)
def test_a_question_that_says_what_it_is_about_does_not_lean(text: str) -> None:
    assert dependence(text) is Dependence.NOT


def test_some_questions_begin_as_if_something_were_said_before() -> None:
    assert continues("And abroad?")
    assert not continues("What's the limit?")


def test_a_question_is_joined_to_the_users_previous_one() -> None:
    assert joined("And abroad?", HISTORY) == "What is the fee of the Gold card? And abroad?"


def test_a_previous_question_that_leans_brings_the_one_before_it() -> None:
    history = (*HISTORY, Turn(role="user", content="Is it refundable?"))

    assert joined("Why?", history) == "What is the fee of the Gold card? Is it refundable? Why?"


def test_the_first_question_is_joined_to_nothing() -> None:
    assert joined("How much?", ()) == "How much?"


def test_what_a_word_stands_for_can_be_told_alone() -> None:
    assert alone("Is it refundable?", HISTORY) == "Is the Gold card refundable?"


def test_what_nothing_stands_for_stays_as_it_is() -> None:
    assert alone("And abroad?", HISTORY) == "And abroad?"
    assert alone("Is it refundable?", ()) == "Is it refundable?"


def test_a_follow_up_of_a_follow_up_is_told_with_what_the_first_was_about() -> None:
    history = (*HISTORY, Turn(role="user", content="Is it refundable?"))

    assert alone("How long does it take?", history) == "How long does the Gold card take?"
    assert leant_on(history) == "What is the fee of the Gold card? Is it refundable?"


def test_a_follow_up_that_names_nothing_does_not_hide_what_the_session_is_about() -> None:
    history = (
        Turn(role="user", content="I sent money to the wrong account"),
        Turn(role="user", content="How long does that take?"),
    )

    assert alone("Is it blocked?", history) == "Is the wrong account blocked?"


@pytest.mark.parametrize(
    "text",
    ["And in Lisbon?", "what about debit cards?", "only in Lisbon", "by year", "for students"],
)
def test_what_only_changes_the_question_before_is_a_fragment(text: str) -> None:
    assert fragment(text)


@pytest.mark.parametrize(
    "text", ["And what does it cost?", "In which branch?", "Tell me the fee", "debit cards"]
)
def test_a_question_or_a_name_is_no_fragment(text: str) -> None:
    assert not fragment(text)
