from genai.messages import Passage
from genai.rag.evidence.support import Lacks, Support, asked_words
from genai.rag.questions.word_vectors import load_word_vectors

CARS = Passage(
    document_id="cars",
    title="Car Loans",
    section="Rates",
    text="A used car has a rate of 6.1% over at most 72 months.",
)
CARDS = Passage(document_id="cards", title="Cards", text="The Gold card is free for students.")
ALL = (CARS, CARDS, *(CARDS.model_copy(update={"text": f"Text {n}."}) for n in range(8)))


def lacks(question: str, passage: Passage = CARS, known: str = "") -> Lacks:
    return Support(load_word_vectors(), question, ALL).lacks(passage, passage.text, known)


def test_a_question_in_the_words_of_the_passage_lacks_nothing() -> None:
    assert lacks("What is the rate of a used car?") == Lacks()


def test_a_word_of_like_meaning_lacks_less_than_one_of_another() -> None:
    alike, other = lacks("What is the rate of a vehicle?"), lacks("What is the rate of a pullover?")

    assert alike.passage < 0.1 < other.passage
    assert alike.passage_worst < other.passage_worst
    assert alike.exactly > 0


def test_known_questions_support_words_too() -> None:
    hinted = CARS.model_copy(update={"asked": ("can I finance a pullover?",)})

    found = lacks("What is the rate of a pullover?", hinted)

    assert found.known < found.passage


def test_a_name_that_stands_elsewhere_is_told_apart_from_a_word_that_stands_nowhere() -> None:
    gold, pullover = lacks("What is the rate of a Gold car?"), lacks("Rate of a pullover car?")

    assert gold.other_name > 0
    assert gold.other_word > 0
    assert gold.nowhere == 0
    assert pullover.nowhere > 0
    assert pullover.elsewhere == pullover.other_name == 0


def test_a_sentence_is_judged_with_the_headings_above_it() -> None:
    assert lacks("Which rates do car loans have?").unit == 0


def test_a_capital_letter_makes_a_name_but_at_the_beginning_of_a_sentence() -> None:
    words = {one.word: one.name for one in asked_words("Sums. Cars in Brazil cost what?")}

    assert words == {"sums": False, "cars": False, "brazil": True, "cost": False}


def test_the_nearest_known_question_supports_its_words_and_may_ask_more() -> None:
    asked = "What is the rate of a pullover?"
    alike = lacks(asked, known="rate of a pullover")
    more = lacks(asked, known="rate of a pullover with a zipper")

    assert alike.nearest < alike.unit
    assert alike.nearest_worst == 0
    assert alike.beyond == 0 < more.beyond


def test_a_thing_is_what_is_asked_about_and_no_verb_number_or_story() -> None:
    assert lacks("What is the rate of a pullover?").thing > 0.3
    assert lacks("Can I knit 77 at the rate of a car?").thing < 0.1
    assert lacks("My pullover burnt, what is the rate of a car?").thing < 0.1


def test_a_word_that_heads_another_document_is_told_apart() -> None:
    assert lacks("What is the rate of cards?").other_heading > 0
    assert lacks("What is the rate of students?").other_heading == 0
