import pytest

from genai.rag.demands.figures import asked_kinds, asks_figure, gives_figure, gives_one_of


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("What does a second card cost?", "It is €8.00 per card.", "It comes by post."),
        ("How much is the fee?", "This is free.", "See the list of prices."),
        ("What is the interest rate?", "You get 2.5%.", "It is paid at the end."),
        ("How long does it take?", "It takes 3 business days.", "It costs €15.00."),
        ("When does it arrive?", "On the next business day.", "It comes by courier."),
        ("Until when can I order?", "The cut-off is 15:30.", "Orders are free."),
        ("At what age can I get a card?", "From age 12.", "With a signature."),
        ("How many holders may there be?", "Up to three holders.", "All holders agree."),
    ],
)
def test_a_figure_of_the_kind_that_is_asked_for_is_told_from_others(
    question: str, answer: str, other: str
) -> None:
    kinds = asked_kinds(question)

    assert gives_one_of(kinds, answer)
    assert not gives_one_of(kinds, other)


def test_a_question_without_a_figure_asks_for_no_kind() -> None:
    assert asked_kinds("Who may open an account?") == ()
    assert not asks_figure("Who may open an account?")


@pytest.mark.parametrize(
    "text", ["It is free.", "At once.", "Within 3 days", "every week", "It costs nothing."]
)
def test_a_word_can_stand_in_place_of_a_figure(text: str) -> None:
    assert gives_figure(text)
