import json
from pathlib import Path

import pytest
import torch
import yaml

from genai.evaluation.records import read_evaluation
from genai.evaluation.settings import EvaluateSettings
from genai.llms.huggingface import HuggingFaceLLM
from genai.llms.sources import load_model
from genai.settings.models import HuggingFaceSettings
from genai.training.samples import write_samples
from jobs.evaluate import evaluate, main
from tests.support.adapters import write_adapter
from tests.support.canaries import OTHERS, PERSONAL, SAID, SECRET, found_in, texts_in
from tests.support.recorded import without_tracking
from tests.support.training import chat, tiny_model

CANARIES = (*PERSONAL.values(), SECRET, OTHERS)


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


@pytest.mark.parametrize("said", [SAID, f"my card is {OTHERS}"])
def test_rows_and_report_are_without_personal_data(tmp_path: Path, said: str) -> None:
    found, folder = evaluate(scripted(tmp_path, said))

    assert found.metrics()["privacy"] < 1
    assert "my card is" in found.rows[0].output.casefold() or "key <SECRET>" in found.rows[0].output
    assert found_in(texts_in(folder), CANARIES) == []


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


@pytest.mark.jobs
def test_an_adapter_is_evaluated_as_a_part_of_its_model(tmp_path: Path) -> None:
    """Beside it, in Python, it would be several times as slow as the champion that it is compared with."""
    model = tiny_model(tmp_path / "model")
    layers = {f"model.layers.{n}.self_attn.q_proj": (64, 64) for n in (0, 1)}
    adapter = write_adapter(
        tmp_path / "adapter", layers, base_model_name_or_path=str(model), task_type="CAUSAL_LM"
    )
    llm = HuggingFaceLLM(
        "m", HuggingFaceSettings(backend="huggingface", model=str(adapter), dtype="float32")
    )

    _, loaded = llm._load()

    assert not [name for name, _ in loaded.named_parameters() if "lora" in name]
    before = load_model(str(model), torch.float32)[0].state_dict()
    changed = [n for n, w in loaded.state_dict().items() if not torch.equal(w, before[n])]
    assert changed == [f"{name}.weight" for name in layers]
