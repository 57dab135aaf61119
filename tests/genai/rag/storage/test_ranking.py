from genai.messages import Passage
from genai.rag.storage.ranking import fitted

PLAIN = Passage(document_id="d", title="T", text="Some text.")
HINTED = PLAIN.model_copy(update={"asked": ("a?", "b?"), "unanswered": ("c?",)})


def test_the_cosines_are_those_of_text_heading_units_and_hints() -> None:
    found = fitted(HINTED, [0.1, 0.2, 0.3, 0.4, 0.6, 0.5, 0.7], 0.0, 0.0)

    assert (found.whole, found.heading, found.best_unit) == (0.1, 0.2, 0.4)
    assert (found.asked, found.unanswered) == (0.6, 0.7)


def test_a_known_question_lifts_its_passage_above_an_equal_one() -> None:
    same = [0.5, 0.5, 0.5]

    assert fitted(HINTED, [*same, 0.9, 0.1, 0.0], 0, 0).score > fitted(PLAIN, same, 0, 0).score


def test_a_question_that_is_known_to_have_no_answer_lifts_nothing() -> None:
    low = fitted(HINTED, [0.5, 0.5, 0.5, 0.2, 0.1, 0.0], 0, 0)
    high = fitted(HINTED, [0.5, 0.5, 0.5, 0.2, 0.1, 0.9], 0, 0)

    assert high.score == low.score
