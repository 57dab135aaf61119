import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from genai.tracking.local import LocalRegistry
from genai.tracking.no_run import NotRecorded
from genai.training.fit import TrainingResult
from genai.training.local_run import fit_here
from genai.training.settings import FineTuneSettings
from jobs.fine_tune import fine_tune, main
from tests.support.recorded import without_tracking
from tests.support.training import tiny_data, tiny_model, tuning

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_data(tmp_path_factory.mktemp("data"))


@pytest.fixture
def settings(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FineTuneSettings:
    without_tracking(monkeypatch)
    return tuning(model, data, output=str(tmp_path / "training"), max_steps=5)


def test_a_trained_model_is_registered_with_where_it_is_from(
    settings: FineTuneSettings, tmp_path: Path
) -> None:
    made = fine_tune(settings, local=True, registry=LocalRegistry(tmp_path / "registry"))

    assert made is not None
    assert (Path(made.folder) / "config.json").is_file()
    assert made.tags["data_version"] == Path(settings.data).name
    assert made.tags["base_model"] == settings.model
    assert float(made.tags["final_validation_loss"]) > 0


def test_a_model_goes_on_from_a_registered_one(settings: FineTuneSettings, tmp_path: Path) -> None:
    registry = LocalRegistry(tmp_path / "registry")
    first = fine_tune(settings, local=True, registry=registry)
    assert first is not None
    registry.appoint(first, "champion")

    further = settings.model_copy(update={"model": "models:/tiny/champion"})
    second = fine_tune(further, local=True, registry=registry)

    assert second is not None
    assert second.version == 2
    assert float(second.tags["final_loss"]) < float(first.tags["final_loss"])


def test_a_finished_training_is_repeated_only_on_request(
    settings: FineTuneSettings, tmp_path: Path
) -> None:
    registry = LocalRegistry(tmp_path / "registry")
    versions = [
        fine_tune(settings, local=True, again=again, registry=registry)
        for again in (False, False, True)
    ]

    assert [made.version for made in versions if made] == [1, 1, 2]


def test_the_job_fails_with_a_reason_when_there_is_nothing_to_train_on(
    settings: FineTuneSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    wrong = settings.model_dump(mode="json") | {"data": "no-such-data"}
    path.write_text(yaml.safe_dump(wrong))

    assert main(["--local", "--config", str(path)]) == 1
    assert "no-such-data" in capsys.readouterr().err


def start(settings: FineTuneSettings, folder: Path) -> subprocess.Popen[bytes]:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings.model_dump(mode="json")))
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.fine_tune", "--config", str(path)],
            cwd=ROOT,
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
            | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def worker_of(job: subprocess.Popen[bytes]) -> psutil.Process | None:
    for child in psutil.Process(job.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "RayTrainWorker" in " ".join(child.cmdline()):
                return child
    return None


def kill_a_worker(job: subprocess.Popen[bytes], folder: Path) -> None:
    """Kill a worker after the first checkpoint."""
    until = time.monotonic() + 240
    while time.monotonic() < until and job.poll() is None:
        worker = worker_of(job)
        if worker is not None and list(folder.rglob("state.pt")):
            worker.send_signal(signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError("there was no worker to kill")


@pytest.mark.jobs
@pytest.mark.timeout(600)
@pytest.mark.parametrize("strategy", ["ddp"])
def test_a_training_with_a_killed_worker_gives_the_same_result(
    strategy: str, model: Path, data: Path, tmp_path: Path
) -> None:
    fields = {"max_steps": 60, "checkpoint_every": 5, "evaluate_every": 30}
    alone = tuning(model, data, **fields)
    parallel = {"strategy": strategy, "workers": 2, "cpus_per_worker": 0.5}
    together = tuning(model, data, **fields, parallel=parallel, output=str(tmp_path / "training"))
    expected = fit_here(alone, str(model), data, tmp_path / "alone", NotRecorded())

    job = start(together, tmp_path)
    try:
        kill_a_worker(job, tmp_path / "training")
        code = job.wait(timeout=300)
    finally:
        job.kill()
    said = (tmp_path / "log").read_text()

    assert code == 0, said[-3000:]
    [path] = (tmp_path / "training").rglob("outcome.json")
    outcome = TrainingResult.model_validate(json.loads(path.read_text()))
    assert outcome.workers == 2
    assert outcome.losses == pytest.approx(expected.losses, rel=0.02, abs=0.02)
    assert "models:/tiny/1" in said
