import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from genai.tracking.runs import track

FIGURES = {"file.jsonl": {"recall": 0.5}}


def test_a_run_is_recorded_with_settings_and_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    fake = SimpleNamespace(
        set_experiment=lambda name: seen.update(experiment=name),
        start_run=nullcontext,
        log_params=lambda values: seen.update(values),
        log_metrics=lambda values: seen.update(values),
    )
    monkeypatch.setitem(sys.modules, "mlflow", fake)

    assert track("trial", {"epochs": 4}, FIGURES)
    assert seen == {"experiment": "trial", "epochs": "4", "file.jsonl/recall": 0.5}


def test_without_mlflow_the_job_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)

    assert not track("trial", {}, FIGURES)


def test_a_store_that_fails_does_not_stop_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError("no disk")

    monkeypatch.setitem(sys.modules, "mlflow", SimpleNamespace(set_experiment=fail))

    assert not track("trial", {}, FIGURES)
