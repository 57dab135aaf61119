import pytest

from genai.messages import ApprovalRequest, Citation, Step
from genai.plans.open_parts import NOBODY, NOT_DONE, SAME, UNSURE, named
from genai.plans.outcome import Outcome

FREE = Citation(document_id="d", title="D", quote="It is free.")
SOON = Citation(document_id="d", title="D", quote="It comes soon.")
STEP = Step(tool="sql", arguments="{}", observation="7", seconds=0.1)
APPROVAL = ApprovalRequest(id="a", run_id="r", tool="block", arguments="{}", expires_at=1.0)

FIGURE = Outcome(text="There are 7.", steps=(STEP,))
RULE = Outcome(text="It is free. [1] It comes soon. [2]", citations=(FREE, SOON))
UNKNOWN = Outcome(text="I don't know.")


def texts(*pairs: tuple[str, Outcome]) -> list[str]:
    return [each.text for each in named([part for part, _ in pairs], [one for _, one in pairs])]


def test_what_was_found_is_told_as_it_is() -> None:
    assert texts(("How many?", FIGURE), ("What?", RULE)) == [FIGURE.text, RULE.text]


def test_what_nobody_knows_is_told_with_what_was_asked() -> None:
    found = texts(("How many?", FIGURE), ("What?", UNKNOWN))

    assert found == [FIGURE.text, "\u201cWhat?\u201d \u2013 I don't know."]


def test_a_part_that_was_skipped_is_named_too() -> None:
    found = texts(("How many?", FIGURE), ("What?", Outcome(failed="backend_failed")))

    assert found[1] == f"\u201cWhat?\u201d \u2013 {NOBODY}"


def test_what_is_uncertain_is_told_with_what_was_asked() -> None:
    perhaps = Outcome(
        text="I don't know for certain: It is free. [1]", citations=(FREE,), certainty="uncertain"
    )

    found = texts(("How many?", FIGURE), ("What?", perhaps))

    assert found == [FIGURE.text, f"\u201cWhat?\u201d \u2013 {perhaps.text}"]


def test_where_nothing_is_known_that_is_said_once() -> None:
    assert texts(("Who?", UNKNOWN), ("What?", UNKNOWN)) == ["I don't know.", ""]


def test_where_nothing_is_known_for_different_reasons_each_is_named() -> None:
    found = texts(("How many?", Outcome(text="No number.")), ("What?", UNKNOWN))

    assert found == [
        f"{UNSURE}\n\n\u201cHow many?\u201d \u2013 No number.",
        "\u201cWhat?\u201d \u2013 I don't know.",
    ]


def test_what_waits_for_a_person_is_no_open_part() -> None:
    waits = Outcome(text="Somebody has to approve it.", approval=APPROVAL)

    assert texts(("Block card 7.", waits), ("What?", RULE)) == [waits.text, RULE.text]


def test_an_order_of_which_only_documents_tell_was_not_done() -> None:
    told = Outcome(text="It is free. [1]", citations=(FREE,))

    [_, text] = texts(("How many?", FIGURE), ("Unblock card 7.", told))

    assert text == f"\u201cUnblock card 7.\u201d \u2013 {NOT_DONE} It is free. [1]"


@pytest.mark.parametrize(
    ("text", "citations"),
    [("It comes soon. [1]", (SOON,)), ("It comes soon. [1] It is free. [2]", (SOON, FREE))],
)
def test_what_was_said_already_is_not_said_again(
    text: str, citations: tuple[Citation, ...]
) -> None:
    [_, again] = named(["What?", "When?"], [RULE, Outcome(text=text, citations=citations)])

    assert (again.text, again.citations) == (f"\u201cWhen?\u201d \u2013 {SAME}", ())


def test_what_is_said_in_other_words_or_with_another_source_is_said() -> None:
    other = FREE.model_copy(update={"document_id": "other"})

    for outcome in (
        Outcome(text="It costs nothing. [1]", citations=(FREE,)),
        Outcome(text="It is free. [1]", citations=(other,)),
    ):
        assert named(["What?", "And?"], [RULE, outcome])[1] == outcome
