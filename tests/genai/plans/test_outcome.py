import pytest

from genai.messages import Certainty, Step
from genai.plans.outcome import Outcome, joined, last_of


def outcome(certainty: Certainty | None, text: str = "It is free.") -> Outcome:
    return Outcome(text=text, certainty=certainty)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("certain", "certain"), "certain"),
        (("certain", "unknown"), "uncertain"),
        (("unknown", "unknown"), "unknown"),
        ((None, "certain"), "certain"),
        ((None, None), None),
    ],
)
def test_documents_that_answer_some_parts_and_others_not_are_uncertain(
    parts: tuple[Certainty | None, ...], whole: Certainty | None
) -> None:
    assert joined([outcome(part) for part in parts]).certainty == whole


def test_of_a_sequence_the_certainty_is_that_of_who_speaks() -> None:
    assert last_of([outcome("uncertain"), outcome("certain")]).certainty == "certain"


def test_what_the_documents_do_not_know_beside_a_figure_is_uncertain() -> None:
    step = Step(tool="sql", arguments="{}", observation="35", seconds=0.1)
    figure = Outcome(text="35 customers.", steps=(step,))

    assert joined([figure, outcome("unknown")]).certainty == "uncertain"
    assert joined([figure, figure]).certainty is None
