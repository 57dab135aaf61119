"""What many decisions come to."""

from typing import Literal

from genai.messages import Decision
from genai.safety.worst_decisions import worst_decisions


def decided(
    check: str, action: Literal["allow", "redact", "block"], score: float = 0.0, ms: float = 1.0
) -> Decision:
    return Decision(check=check, stage="tool", action=action, score=score, ms=ms)


def test_the_strongest_action_of_a_check_stands() -> None:
    found = worst_decisions([decided("a", "redact"), decided("a", "block"), decided("a", "allow")])

    assert [one.action for one in found] == ["block"]


def test_of_equal_actions_the_surest_stands() -> None:
    found = worst_decisions([decided("a", "block", 0.5), decided("a", "block", 0.9)])

    assert [one.score for one in found] == [0.9]


def test_checks_and_stages_are_told_apart_and_keep_their_order() -> None:
    elsewhere = decided("b", "allow").model_copy(update={"stage": "input"})

    found = worst_decisions([decided("b", "allow"), decided("a", "allow"), elsewhere])

    assert [(one.check, one.stage) for one in found] == [
        ("b", "tool"),
        ("a", "tool"),
        ("b", "input"),
    ]


def test_the_times_of_a_check_add_up() -> None:
    assert (
        worst_decisions([decided("a", "block", ms=2.0), decided("a", "allow", ms=3.0)])[0].ms == 5.0
    )
