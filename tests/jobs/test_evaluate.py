import json
from pathlib import Path

import pytest
import yaml

from genai.evaluation.records import read_evaluation
from genai.evaluation.settings import EvaluateSettings
from genai.training.samples import write_samples
from jobs.evaluate import evaluate, main
from tests.support.recorded import without_tracking
from tests.support.training import chat, tiny_model


def scripted(tmp_path: Path, reply: str, **fields: object) -> EvaluateSettings:
    write_samples(tmp_path / "data/test.jsonl", map(chat, range(8)))
    llm = {"backend": "scripted", "replies": [reply]}
    known = {
        "name": "trial",
        "subject": {"subject": "model", "llm": llm},
        "data": str(tmp_path / "data"),
        "evaluators": [{"evaluator": "contains"}, {"evaluator": "privacy"}],
        "output": str(tmp_path / "out"),
        **fields,
    }
    return EvaluateSettings.model_validate(known)


@pytest.fixture(autouse=True)
def unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    without_tracking(monkeypatch)


def test_the_job_writes_rows_a_report_and_the_differences(tmp_path: Path) -> None:
    first, folder = evaluate(scripted(tmp_path, "it costs 3 euros."))
    settings = scripted(tmp_path, "no idea", name="worse", baseline=str(folder / "evaluation.json"))
    _, worse = evaluate(settings)

    assert first.metrics()["contains"] == 1 / 8
    assert read_evaluation(folder / "evaluation.json") == first
    differences = json.loads((worse / "differences.json").read_text())
    assert differences["contains"]["mean"] == -1 / 8
    assert "Beside the champion" in (worse / "report.html").read_text()


def test_the_job_says_what_is_wrong_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evaluate.yaml"
    known = scripted(tmp_path, "x").model_dump(mode="json")
    path.write_text(yaml.safe_dump(known | {"data": "nowhere"}))

    assert main(["--config", str(path)]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_a_model_in_a_folder_is_evaluated(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "model")
    subject = {"subject": "model", "model": str(model), "max_model_len": 256}

    found, _ = evaluate(scripted(tmp_path, "", subject=subject, max_tokens=4))

    assert found.metrics()["errors"] == 0
    assert len(found.rows) == 8
