from collections.abc import Sequence
from dataclasses import fields

from genai.messages import Passage
from genai.rag.evidence.unit_ranking import RankedUnit, Traits, load_weights, rank_units, traits_of
from genai.rag.passages.units import split_units


def ranked(question: str, text: str, cosines: Sequence[float] = ()) -> tuple[RankedUnit, ...]:
    units = split_units(Passage(document_id="d", title="T", text=text))
    return rank_units(question, units, cosines or [0.5] * len(units))


def first(question: str, text: str, cosines: Sequence[float] = ()) -> str:
    return ranked(question, text, cosines)[0].unit.quote


def test_what_is_most_like_the_question_comes_first() -> None:
    assert first("Is it closed?", "Doors are red. We are closed.", [0.2, 0.9]) == "We are closed."


def test_of_sentences_that_are_alike_the_first_one_leads() -> None:
    assert first("Is it so?", "Aaaa bbbb. Cccc dddd.") == "Aaaa bbbb."


def test_what_something_takes_comes_before_a_deadline_and_what_it_lasts() -> None:
    text = "Open a dispute within 120 days. A dispute is valid for 9 days. It ends within 90 days."

    assert first("How long does a dispute take?", text) == "It ends within 90 days."


def test_a_time_answers_how_long_and_a_sum_how_much() -> None:
    text = "The courier costs €15.00 in all. The courier takes 2 business days."

    assert first("How long does the courier take?", text) == "The courier takes 2 business days."
    assert first("How much is the courier?", text) == "The courier costs €15.00 in all."


def test_the_row_of_the_product_that_is_asked_for_comes_before_the_first_row() -> None:
    text = "| Product | Interest is paid |\n|---|---|\n| Easy | every year |\n| Notice | every quarter |"

    found = first("When is interest paid on Notice?", text, [0.5, 0.5])

    assert found == "| Notice | every quarter |"


def test_the_row_whose_range_holds_the_amount_is_known_by_it() -> None:
    text = "| Sum | Charge |\n|---|---|\n| up to €2,500 | €9.00 |\n| €2,501 to €9,000 | €15.00 |"
    units = split_units(Passage(document_id="d", title="T", text=text))

    traits = traits_of("What does it cost to send 5,000 dollars?", units, [0.5, 0.5])

    assert [one.amount for one in traits] == [0.0, 1.0]


def test_a_sentence_with_a_word_of_like_meaning_covers_more() -> None:
    text = "The boat is red. The vehicle is blue."
    units = split_units(Passage(document_id="d", title="T", text=text))

    boat, vehicle = traits_of("Which colour has the car?", units, [0.5, 0.5])

    assert boat.covers < vehicle.covers
    assert (boat.covers_less > 0, vehicle.covers_less) == (True, 0.0)


def test_every_trait_has_a_weight() -> None:
    names = {field.name for field in fields(Traits)} | {"passage"}

    assert load_weights().keys() == names
