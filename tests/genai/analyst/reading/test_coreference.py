from pathlib import Path

import pytest

from genai.analyst.reading.coreference import Coreference
from genai.analyst.vocabulary import read_vocabulary
from genai.messages import Message
from genai.settings.models import NearestExampleSettings
from genai.worked_examples.nearest_example import NearestExampleLLM
from tests.support.embedders import SameEmbedder

BANK = Path(__file__).parents[4] / "sample_bank"
EXAMPLES = NearestExampleSettings(
    backend="nearest_example", examples=str(BANK / "sql_examples.yaml")
)
WORDS = read_vocabulary(BANK / "analyst_words.yaml")
COREFERENCE = Coreference(WORDS.pointed, WORDS.nouns)
find = NearestExampleLLM("analyst", EXAMPLES, SameEmbedder()).mentions


def after(asked: str, answer: str, question: str) -> str:
    """The question, as it is understood after another one and its answer."""
    said = (
        Message(role="user", content=asked),
        Message(role="assistant", content=answer),
        Message(role="user", content=question),
    )
    return COREFERENCE.resolved(said, find)[-1].content


@pytest.mark.parametrize(
    "question",
    [
        "How many loans do its customers have?",
        "How many customers does it have?",
        "How many accounts does he have?",
        "What is the balance of her accounts?",
        "Who owns it?",
        "Is its balance above 500 euros?",
        "How many payments were that?",
        "How many customers does that branch have?",
        "And how many loans does she have in Lisbon?",
        "Is it active?",
    ],
)
def test_a_word_for_something_outside_the_question_is_open(question: str) -> None:
    assert COREFERENCE.open_word(question, find)


@pytest.mark.parametrize(
    "question",
    [
        "How many loans cost their holders more than 7.5% a year?",
        "What's the total that Paula Kuiper owes on her loans?",
        "On average, how long does it take to close a dispute?",
        "How many cards does customer 1013 have, and when did he join?",
        "Which merchant has the most disputes against it?",
        "Customers with no card at all - how many is that?",
        "Who is the customer with his loans overdue?",
        "How many accounts have money on it? I need it for the board.",
        "When was spending at its highest?",
    ],
)
def test_a_word_for_something_in_the_question_is_not(question: str) -> None:
    assert not COREFERENCE.open_word(question, find)


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        (
            "How many loans do its customers have?",
            "How many loans do the customers of the Dublin Docklands branch have?",
        ),
        (
            "How many loans do they have?",
            "How many loans do the Dublin Docklands branch have?",
        ),
        (
            "When was that branch opened?",
            "When was the Dublin Docklands branch opened?",
        ),
    ],
)
def test_it_is_what_the_former_answer_names(question: str, whole: str) -> None:
    answer = "Most customers: Dublin Docklands with 148."

    assert after("Which branch has the most customers?", answer, question) == whole


def test_he_is_the_person_of_the_former_answer() -> None:
    answer = "Customer id: 1013; name: Amir Costa (account id 20001)."

    assert after("Who owns account 20001?", answer, "How many cards does he have?") == (
        "How many cards does customer 1013 have?"
    )
    assert after("Who owns account 20001?", answer, "How many cards does it have?") == (
        "How many cards does account 20001 have?"
    )


def test_it_is_the_only_thing_of_the_former_question() -> None:
    answer = "The balance is 3.00 EUR."

    assert after("What is the balance of account 20001?", answer, "Who owns it?") == (
        "Who owns account 20001?"
    )


@pytest.mark.parametrize(
    ("asked", "answer", "question"),
    [
        (
            "Which branches have most customers?",
            "Dublin Docklands; Hamburg Speicherstadt.",
            "Is it old?",
        ),
        ("Which merchant was paid most in 2025?", "Kornmarkt.", "How many payments did it get?"),
        ("How many customers live in Lisbon?", "74.", "How many accounts does he have?"),
        ("Who is the oldest?", 'I do not know. Ask "Who is Amir Costa?"', "What does he owe?"),
        ("How many premium customers live in Lisbon?", "16.", "How many loans does it have?"),
    ],
)
def test_what_is_not_known_for_certain_stays_open(asked: str, answer: str, question: str) -> None:
    assert after(asked, answer, question) == question
    assert COREFERENCE.open_word(question, find)


def test_a_chain_keeps_its_thing() -> None:
    said = (
        Message(role="user", content="Which branch was opened first?"),
        Message(role="assistant", content="Name: Hamburg Speicherstadt; opened on: 1961-04-03."),
        Message(role="user", content="How many customers does it have?"),
        Message(role="assistant", content="140 customers."),
        Message(role="user", content="When was it opened?"),
    )

    assert (
        COREFERENCE.resolved(said, find)[-1].content
        == "When was the Hamburg Speicherstadt branch opened?"
    )
