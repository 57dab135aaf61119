import pytest

from genai.rag.demands.qualifiers import named_alike

TEXTS = (
    "The Plus account costs 9.50 euros a month.",
    "A deposit of 12, 24 or 30 months earns interest. A car loan runs for 5 to 7 years.",
)


@pytest.mark.parametrize(
    "question",
    [
        "What is the fee of the Platinum account?",
        "What is the fee of the Platinum credit card?",
        "What does a 48 month deposit earn?",
        "What does a 48-month fixed-term deposit earn?",
        "Rate of a 96 month car loan?",
        "Rate of an 8 year car loan?",
        "What does a 4 year deposit earn?",
    ],
)
def test_a_name_or_term_that_nothing_has_speaks_against_an_answer(question: str) -> None:
    assert named_alike(question, TEXTS) < 0.4


@pytest.mark.parametrize(
    "question",
    [
        "What is the fee of the Plus account?",
        "What is the fee of the Plsu account?",
        "What does my acount cost?",
        "What does a 24 month deposit earn?",
        "What does a 2 year deposit earn?",
        "Rate of a 70 month car loan?",
        "Rate of an 84 month car loan?",
        "Rate of a 6 year car loan?",
        "Is the account free in Japan?",
        "How do I close my account after 3 months?",
        "Platinum account",
        "What do I pay in New York by card?",
    ],
)
def test_what_is_had_misspelt_or_no_qualifier_changes_nothing(question: str) -> None:
    assert named_alike(question, TEXTS) == 1.0


def test_a_name_may_stand_before_the_kind_of_a_product() -> None:
    assert named_alike("What is the fee of the Platinum credit card?", TEXTS) < 0.4


def test_a_kind_in_small_letters_is_only_doubted_since_it_may_be_a_synonym() -> None:
    named = named_alike("fee of the Yacht loan", TEXTS)
    kind = named_alike("fee of the yacht loan", TEXTS)

    assert named < kind < 1.0
