import pytest

from genai.language.words import content_words, covered, shared, stem, word_weights


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("withdrawal", "withdrawals"),
        ("transfer", "transferring"),
        ("cancel", "cancelled"),
        ("fee", "fees"),
        ("apply", "applied"),
        ("repay", "repayment"),
        ("charge", "charged"),
        ("card", "cards"),
    ],
)
def test_forms_of_a_word_are_equal(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("card", "care"), ("rate", "rating9"), ("12", "13")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_only_words_with_a_meaning_of_their_own_count() -> None:
    assert content_words("What is the customer's fee for it?") == {stem("customer"), stem("fee")}
    assert content_words("How do I do that?") == frozenset()


def test_numbers_are_equal_however_their_thousands_are_marked() -> None:
    assert content_words("10,000") == content_words("10000")


def test_a_word_that_few_passages_have_weighs_more() -> None:
    passages = [frozenset({"fee", "gold"}), frozenset({"fee"}), frozenset({"fee"})]

    weights = word_weights(frozenset({"fee", "gold", "moon"}), passages)

    assert weights["moon"] > weights["gold"] > weights["fee"] > 0
    assert covered(weights, frozenset({"fee"})) < shared(frozenset(weights), frozenset({"fee"}))


def test_a_question_of_common_words_only_is_never_covered_well() -> None:
    passages = [frozenset({"bank"})] * 20

    weights = word_weights(frozenset({"bank"}), passages)

    assert covered(weights, frozenset({"bank"})) < 0.1


def test_a_question_without_words_shares_all_of_them() -> None:
    assert shared(frozenset(), frozenset()) == 1.0
    assert covered({}, frozenset()) == 0.0


def test_the_words_of_a_text_are_the_same_however_long_it_is() -> None:
    short = "Fees of the Gold card. "

    assert content_words(short * 1_000) == content_words(short) == {"fee", "gold", "card"}
