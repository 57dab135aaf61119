import pickle
import re
import time

import pytest

from genai.messages import Answer, Completion, Decision, RequestContext, Step, Usage
from genai.observability.metrics import Metrics, rendered
from genai.observability.recorder import (
    NoRecorder,
    Recorder,
    Recorders,
    record_answer,
    record_completion,
)

CONTEXT = RequestContext(request_id="r1", tenant="acme", user="ann", deadline=time.time() + 60)
USED = Usage(prompt_tokens=10, completion_tokens=5, cost_micro_usd=250_000)
ANSWER = Answer(
    id="a1",
    text="secret text",
    route="rag",
    model="bank",
    usage=USED,
    steps=(Step(tool="sql", arguments="{}", observation="secret rows", seconds=0.2),),
    timings_ms={"retrieve": 12.0},
    safety=(Decision(check="pii", stage="output", action="redact", rule="EMAIL"),),
    degraded="timeout",
)


def lines(metrics: Metrics) -> set[str]:
    """The rendered lines of one replica, without the label ``replica``."""
    text = rendered({"r1": metrics.counted()}, {}).decode()
    return set(re.sub('replica="r1",|,replica="r1"', "", text).splitlines())


def test_requests_are_counted_by_route_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 429):
        metrics.request(
            request_id="r", operation="generate", status=status, seconds=0.3, tenant="acme"
        )

    assert {
        'genai_requests_total{route="generate",status="200"} 2.0',
        'genai_requests_total{route="generate",status="429"} 1.0',
        'genai_request_seconds_count{route="generate"} 3.0',
    } <= lines(metrics)


def test_steps_tokens_and_cost_of_an_answer_are_recorded() -> None:
    metrics = Metrics()
    record_answer(metrics, CONTEXT, ANSWER)

    assert {
        'genai_step_seconds_sum{step="retrieve"} 0.012',
        'genai_step_seconds_count{step="tool.sql"} 1.0',
        'genai_tokens_total{kind="prompt",model="bank"} 10.0',
        'genai_tokens_total{kind="completion",model="bank"} 5.0',
        'genai_cost_usd_total{model="bank"} 0.25',
        'genai_degraded_total{model="bank"} 1.0',
    } <= lines(metrics)


def test_a_direct_call_of_a_model_is_recorded_too() -> None:
    metrics = Metrics()
    record_completion(metrics, CONTEXT, Completion(text="x", model="gpt", usage=USED), 0.5)

    assert 'genai_tokens_total{kind="prompt",model="gpt"} 10.0' in lines(metrics)


def test_no_text_and_no_person_is_in_the_metrics() -> None:
    metrics = Metrics()
    record_answer(metrics, CONTEXT, ANSWER)

    text = str(lines(metrics))

    assert not [word for word in ("secret", "acme", "ann") if word in text]


def test_running_requests_are_a_gauge_that_returns_to_zero() -> None:
    metrics = Metrics()

    def fail() -> None:
        with metrics.in_flight("generate"):
            assert 'genai_inflight{route="generate"} 1.0' in lines(metrics)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert 'genai_inflight{route="generate"} 0.0' in lines(metrics)


def test_each_metrics_has_a_registry_of_its_own() -> None:
    metrics, other = Metrics(), Metrics()
    metrics.degraded("bank")

    assert "bank" not in str(lines(other))


def test_several_recorders_are_one() -> None:
    first, second = Metrics(), Metrics()
    both: Recorder = Recorders([first, second, NoRecorder()])

    record_answer(both, CONTEXT, ANSWER)
    both.request(request_id="r", operation="chat", status=200, seconds=0.1, tenant="acme")
    with both.in_flight("chat"):
        assert 'genai_inflight{route="chat"} 1.0' in lines(first)

    def counts(metrics: Metrics) -> set[str]:
        return {line for line in lines(metrics) if "_created" not in line}

    assert counts(first) == counts(second)


def test_decisions_are_counted_by_check_stage_and_action() -> None:
    metrics = Metrics()
    metrics.decisions(ANSWER.safety)

    counted = 'genai_safety_decisions_total{action="redact",check="pii",stage="output"} 1.0'
    assert counted in lines(metrics)


def test_calls_that_models_work_on_are_shown_also_when_there_are_none() -> None:
    assert {'genai_llm_running{model="bank"} 0.0', 'genai_llm_running{model="big"} 3.0'} <= set(
        rendered({}, {"bank": 0, "big": 3}).decode().splitlines()
    )


def test_metrics_of_all_replicas_are_merged_by_name() -> None:
    counted = {}
    for replica, requests in (("r1", 1), ("r2", 2)):
        metrics = Metrics()
        for _ in range(requests):
            metrics.request(
                request_id="r", operation="generate", status=200, seconds=0.3, tenant="acme"
            )
        counted[replica] = pickle.loads(pickle.dumps(metrics.counted()))  # as it travels

    shown = rendered(counted, {}).decode().splitlines()

    assert 'genai_requests_total{replica="r1",route="generate",status="200"} 1.0' in shown
    assert 'genai_requests_total{replica="r2",route="generate",status="200"} 2.0' in shown
    assert 'genai_request_seconds_count{replica="r2",route="generate"} 2.0' in shown
    assert sum(line.startswith("# TYPE genai_requests_total ") for line in shown) == 1
