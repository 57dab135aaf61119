import pytest

from genai.analyst.reading.unknown_words import corrected_spelling, has_unknown_condition

TAUGHT = frozenset(
    [
        "how",
        "many",
        "customers",
        "accounts",
        "are",
        "frozen",
        "cards",
        "which",
        "expired",
        "live",
        "the",
    ]
)
MEANT = frozenset({"accounts", "frozen", "dormant", "retail", "transaction", "transactions"})


def knows(word: str) -> bool:
    return word in TAUGHT


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("how many frozn accounts", "how many frozen accounts"),
        ("how many acounts are dorment", "how many accounts are dormant"),
        ("retial customers", "retail customers"),
        ("how many transactons", "how many transactions"),
    ],
)
def test_a_typo_is_corrected(asked: str, meant: str) -> None:
    assert corrected_spelling(asked, knows, MEANT) == meant


@pytest.mark.parametrize("asked", ["Mr Frozn", "frz accounts", "distant accounts", "retailer's"])
def test_names_short_words_and_other_words_stay(asked: str) -> None:
    assert corrected_spelling(asked, knows, MEANT) == asked


def test_a_typo_between_two_words_is_not_corrected() -> None:
    assert corrected_spelling("parfed", knows, {"parked", "parsed"}) == "parfed"


@pytest.mark.parametrize(
    "question",
    [
        "how many platinum customers",
        "how many customers are dormouse",
        "instant cards",
        "what does the vintrel membership cost",
        "how much was paid for our kolvine plan",
        "what did her kolvine plan cost",
        "what is paid for these vintrel memberships",
    ],
)
def test_an_untrained_condition_is_unknown(question: str) -> None:
    assert has_unknown_condition(question, knows)


@pytest.mark.parametrize(
    "question",
    [
        "how many frozen accounts",
        "how many customers live in Valletta",
        "pretty please: how many cards are expired",
        "how many customers live in Platinum Heights",
        "which customers live in the vicinity of Valletta",
    ],
)
def test_words_that_set_no_condition_are_not(question: str) -> None:
    assert not has_unknown_condition(question, knows)
