import pytest

from genai.messages import Citation, Passage
from genai.rag.answering.open_parts import left_open, said_of

LOST = Passage(
    document_id="lost",
    title="Lost Cards",
    section="Price",
    text="A replacement of a lost card costs 8 euros and arrives within 5 business days.",
)
ATM = Passage(document_id="atm", title="Cash", section="Fees", text="Cash machines are free.")
CITED = (Citation(document_id="lost", title="Lost Cards", section="Price", quote="A replacement"),)


def left(question: str) -> tuple[str, ...]:
    return left_open(question, CITED, [LOST, ATM])


def test_a_part_that_no_cited_passage_is_about_is_left_open() -> None:
    question = "What does a lost card cost, and who won the football championship?"

    assert left(question) == ("Who won the football championship?",)


@pytest.mark.parametrize(
    "question",
    [
        "What does a lost card cost?",
        "What does a lost card cost, and how many days until the replacement arrives?",
        "What does a lost card cost, and how long does it take?",
        "Football, a lost card and rain",
        "What does lost card <CREDIT_CARD_1_kqzvt> cost, and when is <CREDIT_CARD_1_kqzvt> replaced?",
        "Dropped my wallet at the football ground, what does a lost card cost?",
    ],
)
def test_a_question_that_is_answered_whole_leaves_nothing_open(question: str) -> None:
    assert left(question) == ()


def test_without_a_citation_nothing_was_answered_and_nothing_is_said_of_parts() -> None:
    question = "What does a lost card cost, and who won the football championship?"

    assert left_open(question, (), [LOST]) == ()


def test_what_is_left_open_is_told_in_the_words_of_the_question() -> None:
    assert "\u201cWho won?\u201d" in said_of(["Who won?"])
    assert said_of([]) == ""
