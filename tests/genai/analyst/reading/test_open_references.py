import pytest

from genai.analyst.reading.open_references import has_open_reference


@pytest.mark.parametrize(
    "question",
    [
        "How many customers have one?",
        "How many customers have it",
        "How many customers live there?",
        "How many customers live there with a loan?",
        "How many accounts have those?",
        "What is the average balance of cards like that?",
        "How many transactions were made by them in May?",
        "How many customers have both?",
    ],
)
def test_open_references_are_found(question: str) -> None:
    assert has_open_reference(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many customers are there?",
        "How many loans have there been in 2025?",
        "How many customers have one card?",
        "How many customers have more than two accounts?",
        "How many customers have both a loan and a card?",
        "How many cards expire this year?",
        "What is the total of all transactions in May?",
        "Is there a customer in Lisbon without any card?",
    ],
)
def test_named_references_are_not_open(question: str) -> None:
    assert not has_open_reference(question)
