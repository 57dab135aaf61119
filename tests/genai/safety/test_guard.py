import asyncio
import pickle
from collections.abc import Sequence

import pytest

from genai.errors import ContentRefused, GuardUnavailable
from genai.messages import RequestContext
from genai.safety.base import Check, Finding, Scan, Stage, Verdict
from genai.safety.guard import ChecksGuard
from genai.safety.refusal import refusal

CONTEXT = RequestContext(request_id="r", tenant="t", user="u", deadline=4e9)


class Finds(Check):
    """Finds what it is told to find."""

    def __init__(self, name: str, *findings: Finding, safe_upto: int = 10_000) -> None:
        self.name = name
        self._findings = findings
        self._safe_upto = safe_upto

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        return Scan(findings=self._findings, safe_upto=min(len(text), self._safe_upto))


class Breaks(Check):
    name = "breaks"

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        raise ValueError(text)


class Hangs(Check):
    name = "hangs"

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        await asyncio.Event().wait()
        raise AssertionError


async def inspect(
    text: str, *checks: Check, final: bool = True, start: int = 0, timeout_s: float = 1
) -> Verdict:
    guard = ChecksGuard({"output": checks}, timeout_s=timeout_s)
    return await guard.async_inspect(text, "output", CONTEXT, final=final, start=start)


def found(start: int, end: int, rule: str = "rule", replacement: str | None = "***") -> Finding:
    return Finding(start=start, end=end, rule=rule, replacement=replacement)


async def test_text_without_findings_passes_as_it_is() -> None:
    verdict = await inspect("hello", Finds("a"))

    assert (verdict.action, verdict.text, verdict.consumed) == ("allow", "hello", 5)


async def test_a_stage_without_checks_lets_everything_pass() -> None:
    verdict = await ChecksGuard({}, timeout_s=1).async_inspect("hello", "tool", CONTEXT)

    assert verdict.text == "hello"


async def test_one_check_that_blocks_wins_over_others_that_redact() -> None:
    verdict = await inspect(
        "abcdef", Finds("a", found(0, 2)), Finds("b", found(3, 4, "bad", replacement=None))
    )

    assert (verdict.action, verdict.text, verdict.rule) == ("block", "", "bad")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((found(1, 3), found(4, 5)), "a***d***f"),
        ((found(1, 3), found(3, 5)), "a******f"),
        ((found(1, 4), found(2, 5)), "a***f"),
        ((found(1, 5), found(2, 3)), "a***f"),
        ((found(0, 6), found(0, 6)), "***"),
    ],
)
async def test_overlapping_places_are_replaced_once(
    findings: Sequence[Finding], expected: str
) -> None:
    verdict = await inspect("abcdef", *(Finds(str(i), f) for i, f in enumerate(findings)))

    assert (verdict.action, verdict.text) == ("redact", expected)


async def test_a_place_replaced_by_itself_is_noted_but_passes() -> None:
    verdict = await inspect("abcdef", Finds("a", found(1, 3, "odd", replacement="bc")))

    assert (verdict.action, verdict.text) == ("allow", "abcdef")
    assert verdict.decisions[0].rule == "odd"


async def test_decisions_name_check_rule_and_score_but_never_the_text() -> None:
    verdict = await inspect("secret", Finds("a", found(0, 6, "token")))

    (decision,) = verdict.decisions
    assert (decision.check, decision.stage, decision.action) == ("a", "output", "redact")
    assert (decision.rule, decision.score) == ("token", 1.0)
    assert "secret" not in decision.model_dump_json()


@pytest.mark.parametrize("check", [Breaks(), Hangs()])
async def test_a_check_that_cannot_run_withholds_the_text(check: Check) -> None:
    with pytest.raises(GuardUnavailable) as caught:
        await inspect("my secret", Finds("a"), check, timeout_s=0.01)

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_growing_text_is_released_as_far_as_every_check_is_sure() -> None:
    verdict = await inspect("abcdef", Finds("a", safe_upto=5), Finds("b", safe_upto=3), final=False)

    assert (verdict.text, verdict.consumed) == ("abc", 3)


async def test_a_finding_is_never_cut_in_half() -> None:
    verdict = await inspect("abcdef", Finds("a", found(2, 5), safe_upto=4), final=False)

    assert (verdict.text, verdict.consumed) == ("ab", 2)


async def test_a_finding_that_is_not_sure_yet_does_not_block() -> None:
    check = Finds("a", found(4, 6, replacement=None), safe_upto=4)

    assert (await inspect("abcdef", check, final=False)).text == "abcd"
    assert (await inspect("abcdef", check, final=True)).action == "block"


async def test_context_before_the_start_is_not_returned_again() -> None:
    verdict = await inspect("abcdef", Finds("a", found(0, 2), found(4, 5)), start=3)

    assert (verdict.text, verdict.consumed) == ("d***f", 3)


def test_refusals_tell_the_rule_to_us_only() -> None:
    blocked = Verdict(action="block", text="", consumed=0)
    error = refusal(blocked)

    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ContentRefused)
    assert again.rule == blocked.rule
    assert "rule" not in str(error)
