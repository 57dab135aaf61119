import pytest

from genai.rag.demands.unmet import Unmet, unmet
from genai.rag.questions.word_vectors import load_word_vectors

TEXT = (
    "Standing Orders. Up to 3 people can be authorised. Terms are 6, 12, 24 and 36 months, and 5 to 10 years "
    "for homes. Call 2400. Ask Harbour Bank for the United States."
)


def missing(question: str, text: str = TEXT) -> Unmet:
    return unmet(question, text, load_word_vectors())


@pytest.mark.parametrize(
    "question",
    [
        "How many persons can I authorise?",
        "What does a 24 month deposit earn?",
        "What does a 2 year deposit earn?",
        "What is the rate for seven years?",
        "Who may have an authority?",
        "How do I send money to the USA?",
        "What is the phone number of the bank?",
        "How many months does it take?",
        "I closed my account two years ago, what now?",
        "I opened a 48 month deposit last year. What now?",
        "How much can I take out in one day?",
        "How many of your people can be authorised?",
        "Can my 12-year-old daughter have one?",
    ],
)
def test_demands_that_the_text_meets_are_not_held_against_it(question: str) -> None:
    assert max(missing(question).uncounted, 0.5) == 0.5
    assert missing(question).another_term == 0
    assert missing(question).another_place == 0
    assert missing(question).unreached == 0


def test_a_thing_that_is_nowhere_counted_leaves_how_many_open() -> None:
    assert missing("How many standing orders may I have?").uncounted > 0.5


@pytest.mark.parametrize("term", ["48 month", "3-month", "15 year", "two week"])
def test_a_term_that_is_not_named_is_another(term: str) -> None:
    assert missing(f"What does a {term} deposit earn?").another_term == 1


@pytest.mark.parametrize("place", ["Brazil", "brazil", "Zurich", "the Netherlands"])
def test_a_place_that_is_not_named_is_another(place: str) -> None:
    assert missing(f"How do I send money to {place}?").another_place == 1


def test_a_text_about_other_countries_speaks_of_every_place() -> None:
    assert missing("Can I pay in Brazil?", "Cards work abroad.").another_place == 0


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("Italy", "the euro area"),
        ("Poland", "the European Union"),
        ("Norway", "the SEPA area"),
        ("Germany", "Europe"),
    ],
)
def test_a_text_about_a_region_speaks_of_its_countries(place: str, region: str) -> None:
    asked = f"What does a machine in {place} cost?"

    assert missing(asked, f"In {region} machines are free.").another_place == 0


def test_a_text_about_a_region_speaks_of_no_other_country() -> None:
    asked = "What does a machine in Poland cost?"

    assert missing(asked, "In the euro area machines are free.").another_place == 1


def test_a_number_in_the_row_of_a_table_counts_what_the_row_is_about() -> None:
    asked = "How many debit cards may I have?"

    assert missing(asked, "| Debit cards without a fee | 1 | 2 |").uncounted == 0


def test_a_text_about_certain_other_countries_speaks_of_these_alone() -> None:
    assert missing("Can I pay in Brazil?", "Cards work abroad within Europe.").another_place == 1


def test_a_number_to_call_must_stand_there() -> None:
    assert missing("What is the phone number of the ombudsman?", "Go there.").unreached == 1


@pytest.mark.parametrize("then", ["in 2019", "last year", "right now"])
def test_another_time_than_that_of_the_text_is_not_known(then: str) -> None:
    assert missing(f"What was the rate {then}?").another_time == 1
