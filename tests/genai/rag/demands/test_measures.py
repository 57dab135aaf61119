import pytest

from genai.rag.demands.measures import Missed, missed
from genai.rag.questions.word_vectors import load_word_vectors

VALUATION = "| Property valuation | \u20ac350 |"
DAYS = "The answer comes within 10 business days."
COURSES = "Courses take place in the branch."


def misses(question: str, *quotes: str, text: str = "") -> Missed:
    return missed(question, text or " ".join(quotes), quotes, load_word_vectors())


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How long does the valuation take?", VALUATION),
        ("How many days does the answer take?", VALUATION),
        ("What does the answer cost?", DAYS),
        ("How high is the fee?", COURSES),
        ("How much space does a course need?", COURSES),
        ("Up to what age can I take a course?", COURSES),
        ("How old must I be?", DAYS),
        ("How long does a dispute take?", "Open a dispute within 120 days."),
    ],
)
def test_what_gives_no_figure_of_the_kind_does_not_answer(question: str, quote: str) -> None:
    assert misses(question, quote).measure == misses(question, quote).measure_first == 1


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How long does the answer take?", DAYS),
        ("How long do I have for a dispute?", "Open a dispute within 120 days."),
        ("How soon is the money there?", "It arrives immediately."),
        ("What does the valuation cost?", VALUATION),
        ("What do you charge for a course?", "Courses are free."),
        ("What does it cost to replace a card?", "It costs 12 EUR to replace a card."),
        ("What is the fee?", "The fee is CHF 20."),
        ("What do you charge?", "We charge 5 pounds."),
        ("How much interest do I get?", "There is none."),
        ("From what age may I have a card?", "You must be 18 or older."),
        ("How old may the car be?", "It may not be older than 12 years."),
        ("How much is a course?", COURSES),
        ("Where do courses take place?", COURSES),
    ],
)
def test_what_gives_one_or_is_asked_for_none_may_answer(question: str, quote: str) -> None:
    assert misses(question, quote).measure == 0


def test_a_figure_in_a_later_quote_is_doubted_less_than_none() -> None:
    found = misses("How long does the valuation take?", VALUATION, DAYS)

    assert (found.measure, found.measure_first) == (0, 1)


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("How much can I spend per month?", 1),
        ("What is the monthly limit?", 1),
        ("How much can I spend a day?", 0),
        ("What is the daily limit?", 0),
        ("Can I lock money away for a year?", 0),
        ("What happens after a month?", 0),
    ],
)
def test_a_sum_for_one_period_is_none_for_another(question: str, period: int) -> None:
    assert misses(question, "You can spend 500 euros per day.").period == period


@pytest.mark.parametrize(
    ("question", "quote", "name"),
    [
        ("Which companies set cookies?", "They are set by two partners.", 1),
        ("Which bank is it?", "It is held with Bank Norge.", 0),
        ("What does Harbour Bank do for partners?", "They are set by two partners.", 0),
        ("Which cards are free?", "They are set by two partners.", 0),
    ],
)
def test_who_asks_which_company_wants_a_name(question: str, quote: str, name: int) -> None:
    assert misses(question, quote).name == name


def test_other_things_that_are_counted_are_no_number_of_these() -> None:
    asked = "How many accounts can I have?"

    assert misses(asked, "Up to 3 accounts are allowed.").count == 0
    assert misses(asked, "| Accounts | 3 | 5 |").count == 0
    assert misses(asked, "Up to 3 umbrellas are allowed.").count > 0.5
