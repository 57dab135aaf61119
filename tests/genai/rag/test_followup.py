import pytest

from genai.messages import Turn
from genai.rag.followup import standalone

HISTORY = (
    Turn(role="user", content="What is the fee of the Gold card?"),
    Turn(role="assistant", content="95 euros."),
)


@pytest.mark.parametrize(
    "text", ["And abroad?", "Is it refundable?", "How much?", "What about Blue?"]
)
def test_a_question_that_leans_on_the_previous_one_is_asked_with_it(text: str) -> None:
    assert standalone(text, HISTORY) == f"What is the fee of the Gold card? {text}"


@pytest.mark.parametrize(
    "text",
    ["How do I close a savings account?", "Which documents does a personal loan require from me?"],
)
def test_a_question_that_says_what_it_is_about_stays_as_it_is(text: str) -> None:
    assert standalone(text, HISTORY) == text


def test_the_first_question_stands_alone() -> None:
    assert standalone("How much?", ()) == "How much?"
