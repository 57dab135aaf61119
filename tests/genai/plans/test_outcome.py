import pytest

from genai.messages import Certainty, Citation, Step
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


def cited(text: str, *documents: str) -> Outcome:
    citations = [Citation(document_id=name, title=name, quote="q") for name in documents]
    return Outcome(text=text, model="m", citations=tuple(citations))


def test_markers_are_renumbered_for_the_citations_of_all_parts() -> None:
    whole = joined(
        [cited("One [1].", "a"), cited("Two [1, 2], and [3].", "b", "c"), cited("Six [1].")]
    )

    assert whole.text == "One [1].\n\nTwo [2, 3], and [3].\n\nSix [1]."
    assert [citation.document_id for citation in whole.citations] == ["a", "b", "c"]


def test_of_a_sequence_the_last_text_speaks_and_its_citations_come_first() -> None:
    whole = last_of([cited("One [1].", "a"), cited("Two [1].", "b"), cited("", "c")])

    assert whole.text == "Two [1]."
    assert [citation.document_id for citation in whole.citations] == ["b", "a", "c"]


def test_a_part_that_was_cut_or_degraded_marks_the_whole() -> None:
    cut = Outcome(text="One", model="m", finish_reason="length", timings_ms={"llm": 3.0})
    slow = Outcome(text="Two", model="n", degraded="slow", timings_ms={"llm": 5.0, "route": 1.0})

    whole = joined([cut, slow, cut])

    assert (whole.finish_reason, whole.degraded, whole.model) == ("length", "slow", "m, n")
    assert whole.timings_ms == {"llm": 5.0, "route": 1.0}


def test_the_whole_failed_only_if_every_part_did() -> None:
    failed, done = Outcome(failed="timeout"), cited("One.")

    assert joined([failed, failed]).failed == "timeout"
    assert joined([failed, done]).failed == ""
