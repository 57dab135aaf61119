import numpy as np
import pytest
from pydantic import ValidationError

from genai.evaluation.evaluation import Evaluation, GradedExample
from genai.promotion.gate import GateSettings, judge

GATE = GateSettings.model_validate(
    {
        "rules": [
            {"measure": "f1", "must": "improve"},
            {"measure": "refusal", "must": "keep", "margin": 0.02},
            {"measure": "latency_s", "must": "keep", "margin": 0.2, "relative": True},
            {"measure": "errors", "must": "reach", "value": 0.01},
        ]
    }
)


def evaluation(
    f1: float, *, refusal: float = 1.0, seconds: float = 0.1, errors: float = 0.0, count: int = 100
) -> Evaluation:
    random = np.random.default_rng(3)
    noise = random.normal(0, 0.05, count)
    rows = tuple(
        GradedExample(
            id=str(n),
            slices={"language": "en" if n % 2 else "de"},
            scores={"f1": f1 + noise[n], "refusal": float(n >= (1 - refusal) * count)},
            seconds=seconds * (1 + noise[n]),
            error="failed" if n < errors * count else "",
        )
        for n in range(count)
    )
    return Evaluation(subject="x", rows=rows)


CHAMPION = evaluation(0.5)


def test_a_better_model_passes() -> None:
    verdict = judge(GATE, evaluation(0.6), CHAMPION)

    assert verdict.passed
    assert "f1: 0.497 to 0.597" in verdict.reason


@pytest.mark.parametrize(
    ("worse", "because"),
    [
        (evaluation(0.4), "f1"),
        (evaluation(0.5), "f1"),
        (evaluation(0.6, refusal=0.8), "refusal"),
        (evaluation(0.6, seconds=0.3), "latency_s"),
        (evaluation(0.6, errors=0.1), "errors"),
    ],
    ids=["accuracy", "no better", "safety", "latency", "errors"],
)
def test_a_model_that_is_worse_in_any_rule_is_rejected_with_the_reason(
    worse: Evaluation, because: str
) -> None:
    verdict = judge(GATE, worse, CHAMPION)

    assert not verdict.passed
    assert verdict.reason.startswith(because)
    assert [one.rule for one in verdict.findings if not one.passed] == [because]


def test_too_few_examples_do_not_pass() -> None:
    assert not judge(GATE, evaluation(0.9, count=10), CHAMPION).passed


def test_without_a_champion_only_reach_rules_apply() -> None:
    assert judge(GATE, evaluation(0.1), None).passed
    assert not judge(GATE, evaluation(0.9, errors=0.5), None).passed


def test_a_rule_can_apply_to_a_slice() -> None:
    rule = {"measure": "f1", "must": "reach", "value": 0.9, "slice": "language=en"}
    gate = GateSettings.model_validate({"rules": [rule]})
    uneven = evaluation(0.95)
    rows = [
        row.model_copy(update={"scores": {"f1": 0.1}}) if "en" in row.slices.values() else row
        for row in uneven.rows
    ]

    assert judge(gate, uneven, None).passed
    assert not judge(gate, uneven.model_copy(update={"rows": tuple(rows)}), None).passed


@pytest.mark.parametrize("must", ["reach", "keep"])
def test_an_inconsistent_rule_is_refused(must: str) -> None:
    rule = {"measure": "f1", "must": must} | ({"value": 1} if must == "keep" else {})
    with pytest.raises(ValidationError):
        GateSettings.model_validate({"rules": [rule]})
