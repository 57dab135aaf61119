"""The evaluation gate: the measures that a model must reach before it gets any traffic."""

from typing import Literal

from pydantic import Field, model_validator

from genai.evaluation.comparison import Difference, compare
from genai.evaluation.evaluation import Evaluation
from genai.evaluation.report import LOWER_IS_BETTER
from genai.messages import Value
from genai.section import Section

FEWEST = 20


class GateRule(Section):
    """A requirement on a measure, over all examples or a slice (``name=value``).

    ``improve``: significantly better than the champion by more than ``margin``. ``keep``: significantly
    not worse by ``margin`` or more. A ``relative`` margin is a share of the champion's value.
    ``reach``: at least ``value`` (for latency, cost and errors: at most).
    """

    measure: str
    must: Literal["improve", "keep", "reach"]
    margin: float = Field(default=0.0, ge=0)
    relative: bool = False
    value: float | None = None
    slice: str = ""

    @model_validator(mode="after")
    def reaching_needs_a_value(self) -> "GateRule":
        if (self.must == "reach") != (self.value is not None):
            raise ValueError("`value` goes with `must: reach`, and with that alone")
        return self


class GateSettings(Section):
    """All rules must hold, on at least ``fewest_examples`` examples."""

    rules: tuple[GateRule, ...] = Field(min_length=1)
    fewest_examples: int = Field(default=FEWEST, ge=1)


class RuleResult(Value):
    rule: str
    passed: bool
    reason: str


class GateDecision(Value):
    passed: bool
    findings: tuple[RuleResult, ...]

    @property
    def reason(self) -> str:
        wrong = [one.reason for one in self.findings if not one.passed]
        return "; ".join(wrong) or "; ".join(one.reason for one in self.findings)


def judge(
    settings: GateSettings, challenger: Evaluation, champion: Evaluation | None, *, seed: int = 0
) -> GateDecision:
    """Without a champion, only ``reach`` rules are judged."""
    findings = tuple(_judge(rule, settings, challenger, champion, seed) for rule in settings.rules)
    return GateDecision(passed=all(one.passed for one in findings), findings=findings)


def _judge(
    rule: GateRule,
    settings: GateSettings,
    challenger: Evaluation,
    champion: Evaluation | None,
    seed: int,
) -> RuleResult:
    name = f"{rule.slice}/{rule.measure}" if rule.slice else rule.measure
    mine = sliced(challenger, rule.slice)
    if rule.must == "reach":
        return _reached(rule, name, mine, settings.fewest_examples)
    if champion is None:
        return RuleResult(rule=name, passed=True, reason=f"{name}: there is no champion")
    differences = compare(mine, sliced(champion, rule.slice), seed=seed)
    found = differences.get(rule.measure)
    if found is None or found.examples < settings.fewest_examples:
        count = found.examples if found else 0
        reason = f"{name}: {count} examples in common, {settings.fewest_examples} are needed"
        return RuleResult(rule=name, passed=False, reason=reason)
    return _compared(rule, name, found)


def _compared(rule: GateRule, name: str, found: Difference) -> RuleResult:
    sign = -1 if lower_is_better(rule.measure) else 1
    worst = min(sign * found.low, sign * found.high)
    margin = rule.margin * abs(found.champion) if rule.relative else rule.margin
    passed = worst > margin if rule.must == "improve" else worst >= -margin
    wanted = (
        f"better by {margin:.3g}" if rule.must == "improve" else f"worse by at most {margin:.3g}"
    )
    return RuleResult(
        rule=name,
        passed=passed,
        reason=f"{name}: {found.champion:.3g} to {found.challenger:.3g}, at worst "
        f"{worst:+.3g}, must be {wanted}",
    )


def _reached(rule: GateRule, name: str, mine: Evaluation, fewest: int) -> RuleResult:
    assert rule.value is not None
    value = mine.metrics().get(rule.measure) if len(mine.rows) >= fewest else None
    if value is None:
        return RuleResult(rule=name, passed=False, reason=f"{name}: too few examples say so")
    most = lower_is_better(rule.measure)
    passed = value <= rule.value if most else value >= rule.value
    bound = "at most" if most else "at least"
    reason = f"{name}: {value:.3g}, must be {bound} {rule.value:.3g}"
    return RuleResult(rule=name, passed=passed, reason=reason)


def sliced(evaluation: Evaluation, wanted: str) -> Evaluation:
    if not wanted:
        return evaluation
    rows = tuple(
        row
        for row in evaluation.rows
        if wanted in {f"{name}={value}" for name, value in row.slices.items()}
    )
    return evaluation.model_copy(update={"rows": rows})


def lower_is_better(measure: str) -> bool:
    return measure.startswith(LOWER_IS_BETTER)
