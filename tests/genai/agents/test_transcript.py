import pytest

from genai.agents.actions import ToolAction
from genai.agents.transcript import (
    EDITED,
    NOT_SURE,
    REJECTED,
    TOO_EXPENSIVE,
    TOO_SLOW,
    UNREADABLE,
    Done,
    Transcript,
)
from genai.base.tool import Observation
from genai.errors import BudgetExceeded, DeadlineExceeded
from genai.llms.spent import note_spent
from genai.messages import Completion, Decision, Message, ToolCall, Usage

ASKED = Message(role="user", content="How many of the 5?")
SPENT = Usage(prompt_tokens=10, completion_tokens=2, cost_micro_usd=3)


def said(text: str = "", **fields: object) -> Completion:
    return Completion.model_validate({"text": text, "model": "m", "usage": SPENT, **fields})


def looked_up(key: str = "a") -> ToolAction:
    return ToolAction(action="lookup", arguments={"key": key})


def done(text: str = "", error: str | None = None) -> Done:
    return Done(observation=Observation(text=text, error=error), arguments="{}", seconds=0.5)


def transcript(*results: Done) -> Transcript:
    begun = Transcript([ASKED], ASKED.content)
    for result in results:
        begun.add(said(), looked_up(), [looked_up()], [result])
    return begun


def test_a_reply_of_an_earlier_attempt_counts_as_used_but_is_not_charged_again() -> None:
    talk = transcript()
    talk.heard(said(degraded="slow"), now=False)
    talk.heard(said(), now=True)

    assert (talk.replies, talk.usage, talk.total) == (2, SPENT, SPENT + SPENT)
    assert talk.draft("x", "n").degraded == "slow"
    assert talk.draft("x", "n").usage == SPENT


def test_the_next_prompt_counts_with_what_was_used() -> None:
    talk = transcript()
    before = talk.tokens_with_next()
    talk.heard(said(), now=True)

    assert talk.tokens_with_next() == before + SPENT.total_tokens
    talk.object_to(said("?" * 350), "no JSON")
    assert talk.tokens_with_next() > before + SPENT.total_tokens + 100


def test_when_time_is_over_it_says_so_and_counts_what_the_error_cost() -> None:
    talk, late = transcript(), DeadlineExceeded("late")
    note_spent(late, SPENT)

    assert talk.cut_short(late) == TOO_SLOW
    assert talk.cut_short(TimeoutError()) == TOO_SLOW
    assert talk.usage == SPENT


def test_a_budget_that_allowed_nothing_is_an_error_and_a_spent_one_an_answer() -> None:
    over, talk = BudgetExceeded("over", 1.0), transcript()

    with pytest.raises(BudgetExceeded):
        talk.cut_short(over)
    talk.heard(said(), now=True)
    assert talk.cut_short(over) == TOO_EXPENSIVE


def test_a_malformed_reply_is_shown_with_the_objection() -> None:
    talk = transcript()
    talk.object_to(said("{"), "no JSON")

    assert [(m.role, m.content) for m in talk.messages[1:]] == [
        ("assistant", "{"),
        ("user", "Malformed reply: no JSON."),
    ]


def test_every_call_of_a_malformed_native_reply_is_answered() -> None:
    talk = transcript()
    calls = [ToolCall(id=i, name="lookup", arguments=a) for i, a in (("1", "{}"), ("2", "{"))]
    talk.object_to(said(tool_calls=calls), "no JSON")

    assert [(m.role, m.tool_call_id) for m in talk.messages[2:]] == [("tool", "1"), ("tool", "2")]


def test_only_calls_that_were_all_made_before_are_a_repetition() -> None:
    talk = transcript(done("7"))

    assert talk.repeats([looked_up()])
    assert not talk.repeats([looked_up(), looked_up("b")])


def test_a_step_has_the_result_and_the_message_marks_it_as_data() -> None:
    talk = transcript(done("the value is 7"))

    [step] = talk.steps
    assert (step.tool, step.observation, step.seconds) == ("lookup", "the value is 7", 0.5)
    assert talk.messages[-1].content == "Observation:\nthe value is 7"


@pytest.mark.parametrize(
    ("results", "answer", "given"),
    [
        ([done("7")], "It is 7.", True),
        ([done("7")], "It is 14, twice 7.", True),
        ([done("7"), done(error="no such key")], "It is 7.", True),
        ([done("7"), done(error="no such key")], "It is 14.", False),
        ([], "It is 7.", False),
        ([], "All of the 5.", True),
        ([], "Nobody knows.", True),
        ([done(error="column 8 is unknown")], "It is 8.", False),
        ([done(error=f"{REJECTED}: 9 is too much")], "9 was refused.", True),
        ([done(error=f"{EDITED}9\nthe card 8 is gone")], "It is 9 now.", True),
        ([done(error=f"{EDITED}9\nthe card 8 is gone")], "It is 8 now.", False),
    ],
)
def test_a_number_needs_a_source_unless_every_call_succeeded(
    results: list[Done], answer: str, given: bool
) -> None:
    assert transcript(*results).vouched(answer) == (answer if given else NOT_SURE)


def test_an_empty_answer_is_none() -> None:
    assert transcript(done("7")).vouched(" \n") == UNREADABLE


def test_a_draft_has_steps_and_the_worst_decision_of_each_check() -> None:
    talk = transcript()
    decided = [
        Decision(check="pii", stage="tool", action=action) for action in ("allow", "block", "allow")
    ]
    talk.heard(said(safety=decided[:1]), now=True)
    seen = Done(
        observation=Observation(text="7", safety=tuple(decided[1:])), arguments="", seconds=0
    )
    talk.add(said(), looked_up(), [looked_up()], [seen])

    draft = talk.draft("It is 7.", "n")

    assert (draft.text, draft.route, draft.model) == ("It is 7.", "agent", "m")
    assert [(d.check, d.action) for d in draft.safety] == [("pii", "block")]
    assert transcript().draft("x", "n").model == "n"
