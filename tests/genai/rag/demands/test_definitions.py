import pytest

from genai.rag.demands.definitions import defines

ORDER = "A standing order is an instruction to pay the same amount regularly."


@pytest.mark.parametrize(
    "question",
    [
        "What is a standing order?",
        "what's a standing order",
        "What are standing orders?",
        "What is meant by a standing order?",
        "What does standing order mean?",
        "Define standing order.",
        "Explain what a standing order is",
        "The meaning of a standing order?",
    ],
)
def test_who_asks_what_a_thing_is_is_told_by_the_sentence_that_says_it(question: str) -> None:
    assert defines(question, ORDER) == 1


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is a transfer?", "A transfer (credit transfer) sends money."),
        ("What is a personal loan?", "A personal loan at Harbour Bank is a loan for any purpose."),
        ("What is a power of attorney?", "A power of attorney lets another person act."),
        ("What is gross negligence?", "Gross negligence means a serious lack of care."),
        ("What does OUR mean?", "OUR: you pay everything."),
    ],
)
def test_a_thing_may_have_an_aside_a_place_or_a_label(question: str, text: str) -> None:
    assert defines(question, text) == 1


def test_what_is_said_of_a_thing_says_less_than_what_it_is() -> None:
    assert defines("What is a dispute?", "A dispute is free of charge.") == 0.5


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is an order?", ORDER),
        ("What is a standing order template?", ORDER),
        ("What does a standing order cost?", ORDER),
        ("How do I change a standing order?", ORDER),
        ("What is a mandate?", "A mandate that has not been used expires."),
        ("What is an account?", "An account authority is a form."),
        ("What is a standing order?", "You can change a standing order in the app."),
        ("", ORDER),
        ("What is a standing order?", ""),
    ],
)
def test_what_is_about_another_thing_or_asked_otherwise_defines_nothing(
    question: str, text: str
) -> None:
    assert defines(question, text) == 0
