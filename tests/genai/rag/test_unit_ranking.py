from collections.abc import Sequence

from genai.messages import Passage
from genai.rag.unit_ranking import RankedUnit, rank_units
from genai.rag.units import split_units


def ranked(question: str, text: str, cosines: Sequence[float] = ()) -> tuple[RankedUnit, ...]:
    units = split_units(Passage(document_id="d", title="T", text=text))
    return rank_units(question, units, cosines or [0.5] * len(units))


def first(question: str, text: str, cosines: Sequence[float] = ()) -> str:
    return ranked(question, text, cosines)[0].unit.quote


def test_what_is_most_like_the_question_comes_first() -> None:
    assert first("Is it closed?", "Doors are red. We are closed.", [0.2, 0.9]) == "We are closed."


def test_of_sentences_that_are_alike_the_first_one_leads() -> None:
    assert first("Is it so?", "Aaaa bbbb. Cccc dddd.") == "Aaaa bbbb."


def test_a_time_answers_how_long_and_a_sum_how_much() -> None:
    text = "The courier costs €15.00 in all. The courier takes 2 business days."

    assert first("How long does the courier take?", text) == "The courier takes 2 business days."
    assert first("How much is the courier?", text) == "The courier costs €15.00 in all."


def test_the_row_of_the_product_that_is_asked_for_comes_before_the_first_row() -> None:
    text = "| Product | Interest is paid |\n|---|---|\n| Easy | every year |\n| Notice | every quarter |"

    found = first("When is interest paid on Notice?", text, [0.5, 0.5])

    assert found == "| Notice | every quarter |"


def test_scores_lie_between_nothing_and_one() -> None:
    text = f"It costs 5 euros and takes 3 days {'and so on ' * 30}. No."

    scores = [unit.score for unit in ranked("What does it cost?", text, [1.0, -1.0])]

    assert 0 <= scores[1] < scores[0] <= 1
