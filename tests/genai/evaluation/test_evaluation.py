import json
from pathlib import Path

import numpy as np
import pytest

from genai.base.evaluator import EvaluationExample
from genai.errors import BackendFailed, ContentRefused, Misconfigured
from genai.evaluation.comparison import compare
from genai.evaluation.evaluation import Evaluation, GradedExample
from genai.evaluation.examples import read_examples
from genai.evaluation.report import page
from genai.evaluation.runner import EvaluationRunner, check
from genai.evaluators.safety import Refuses
from genai.evaluators.text import Contains
from genai.messages import Answer, RequestContext, Usage
from genai.training.samples import write_samples
from tests.support.training import chat


class Oracle:
    """Answers with the question, refuses attacks, and fails on what is broken."""

    name = "oracle"

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer:
        if "attack" in example.input:
            raise ContentRefused("no", "rule")
        if "broken" in example.input:
            raise BackendFailed("broken")
        usage = Usage(completion_tokens=3, cost_micro_usd=2_000_000)
        return Answer(id="a", text=example.input, route="chat", model="m", usage=usage)


def example(text: str, **fields: object) -> EvaluationExample:
    known = {"id": text, "input": text, "expected_text": "yes", "refuse": False, **fields}
    return EvaluationExample.model_validate(known)


async def run(*examples: EvaluationExample) -> Evaluation:
    runner = EvaluationRunner(Oracle(), [Contains(), Refuses()], concurrency=2, within_s=5)
    return await runner.async_evaluate(examples, data_version="v")


def rows(values: list[float], **fields: object) -> tuple[GradedExample, ...]:
    return tuple(
        GradedExample.model_validate({"id": str(n), "scores": {"f1": v}, "seconds": 0.1, **fields})
        for n, v in enumerate(values)
    )


async def test_every_answer_gets_its_scores_costs_and_time() -> None:
    found = await run(example("yes"), example("no"))

    metrics = found.metrics()
    assert metrics["contains"] == 0.5
    assert metrics["refusal"] == 1
    assert metrics["cost_usd"] == 2
    assert metrics["errors"] == 0
    assert metrics["latency_p95_s"] >= metrics["latency_p50_s"] > 0


async def test_a_refusal_is_scored_as_an_answer_and_a_failure_as_wrong() -> None:
    refused, failed = (await run(example("attack", refuse=True), example("broken"))).rows

    assert refused.refused
    assert refused.scores["refusal"] == 1
    assert failed.error == "backend_failed"
    assert failed.scores == {"contains": 0, "refusal": 0}


async def test_too_many_failures_raise_an_error() -> None:
    found = await run(example("yes"), example("broken"))

    check(found, most_errors=0.5)
    with pytest.raises(BackendFailed):
        check(found, most_errors=0.4)


async def test_slices_have_their_own_metrics() -> None:
    found = await run(
        example("yes", slices={"language": "en"}), example("no", slices={"language": "de"})
    )

    assert found.flat()["language=en/contains"] == 1
    assert found.flat()["language=de/contains"] == 0
    assert found.by_slice()["language=en"][0] == 1


def test_a_real_difference_is_significant_and_chance_is_not() -> None:
    random = np.random.default_rng(1)
    old = random.random(200)
    better = Evaluation(subject="new", rows=rows(list(np.clip(old + 0.1, 0, 1))))
    noisy = Evaluation(subject="new", rows=rows(list(random.permutation(old))))
    champion = Evaluation(subject="old", rows=rows(list(old)))

    assert compare(better, champion)["f1"].low > 0.05
    chance = compare(noisy, champion)["f1"]
    assert chance.low < 0 < chance.high


def test_the_confidence_interval_has_its_nominal_coverage() -> None:
    random = np.random.default_rng(2)
    covered = 0
    for _ in range(100):
        old = random.random(60)
        new = old + random.normal(0.05, 0.2, 60)
        found = compare(
            Evaluation(subject="new", rows=rows(list(new))),
            Evaluation(subject="old", rows=rows(list(old))),
        )["f1"]
        covered += found.low <= 0.05 <= found.high

    assert covered >= 88


def test_only_examples_in_common_are_compared() -> None:
    few = Evaluation(subject="old", rows=rows([1.0, 1.0]))
    many = Evaluation(subject="new", rows=rows([0.0, 1.0, 1.0]))

    found = compare(many, few)["f1"]
    assert (found.examples, found.mean) == (2, -0.5)


async def test_the_report_is_self_contained_and_has_no_scripts() -> None:
    found = await run(example("<script>alert(1)</script>"), example("yes"))

    html = page(found, compare(found, found), title="A & B", about=["x"])

    assert "<script" not in html
    assert "http" not in html
    assert "A &amp; B" in html
    assert html.count("<svg") == 2


def test_examples_are_read_from_lines_and_from_data_sets(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"id": "1", "input": "hello?"}) + "\n")
    write_samples(tmp_path / "test.jsonl", [chat(0)])

    assert read_examples(lines)[0].input == "hello?"
    [example] = read_examples(tmp_path / "test.jsonl")
    assert example.expected_text == "it costs 0 euros."
    assert [message.role for message in example.messages] == ["user"]


def test_a_file_without_examples_or_with_one_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    for content in ("", '{"id": "1", "input": "a"}\n{"id": "1", "input": "b"}\n'):
        path.write_text(content)
        with pytest.raises(Misconfigured):
            read_examples(path)
    with pytest.raises(Misconfigured):
        read_examples(tmp_path / "none.jsonl")
