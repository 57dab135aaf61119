"""What an evaluation leaves in MLflow."""

import asyncio
from pathlib import Path

import pytest

from genai.base.evaluator import EvaluationExample
from genai.evaluation.records import write
from genai.evaluation.runner import EvaluationRunner
from genai.messages import Answer, RequestContext
from tests.jobs.test_evaluate import CANARIES, scripted
from tests.support.canaries import SAID, found_in, texts_in


class Repeating:
    """A subject that repeats its input."""

    name = "repeating"

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer:
        return Answer(id=example.id, text=example.input, route="chat", model="m")


@pytest.mark.jobs
def test_what_mlflow_keeps_is_without_personal_data(tmp_path: Path) -> None:
    from genai.tracking.mlflow_runs import MLflowTracker
    from genai.tracking.store import MLflowStore

    runner = EvaluationRunner(Repeating(), [], concurrency=1, within_s=10)
    evaluation = asyncio.run(runner.async_evaluate([EvaluationExample(id="1", input=SAID)]))
    store = MLflowStore(tmp_path / "mlflow", {})
    write(scripted(tmp_path, "x"), evaluation, {}, MLflowTracker(store))

    [run] = store.client.search_runs([store.experiment("evaluate")])
    files = {file.path for file in store.client.list_artifacts(run.info.run_id)}
    kept = texts_in(tmp_path / "mlflow")
    assert files == {"evaluation.json", "report.html", "differences.json"}
    assert "key <SECRET>" in kept
    assert found_in(kept, CANARIES) == []
