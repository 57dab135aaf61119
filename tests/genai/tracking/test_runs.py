import sys
from pathlib import Path

import pytest

from genai.tracking.runs import track

FIGURES = {"file.jsonl": {"recall": 0.5}}


def test_without_mlflow_the_job_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    for module in ("genai.tracking.mlflow_runs", "genai.tracking.store"):
        monkeypatch.delitem(sys.modules, module, raising=False)

    assert not track("trial", {}, FIGURES)


@pytest.mark.jobs
def test_a_run_is_recorded_with_settings_and_figures(tmp_path: Path) -> None:
    from genai.tracking.mlflow_runs import MLflowTracker
    from genai.tracking.store import MLflowStore

    store = MLflowStore(tmp_path, {})
    assert track("trial", {"epochs": 4, "model": {"layers": 2}}, FIGURES, MLflowTracker(store))

    [run] = store.client.search_runs([store.experiment("trial")])
    assert run.data.params == {"epochs": "4", "model.layers": "2"}
    assert run.data.metrics == {"file.jsonl/recall": 0.5}
    assert run.info.status == "FINISHED"


@pytest.mark.jobs
def test_a_run_that_raises_is_marked_as_failed(tmp_path: Path) -> None:
    from genai.tracking.mlflow_runs import MLflowTracker
    from genai.tracking.store import MLflowStore

    store = MLflowStore(tmp_path, {})
    with pytest.raises(ZeroDivisionError), MLflowTracker(store).run("trial", "one"):
        raise ZeroDivisionError

    [run] = store.client.search_runs([store.experiment("trial")])
    assert run.info.status == "FAILED"


@pytest.mark.jobs
def test_a_store_that_fails_does_not_stop_the_job(tmp_path: Path) -> None:
    from genai.tracking.mlflow_runs import MLflowTracker
    from genai.tracking.store import MLflowStore

    (tmp_path / "file").touch()
    store = MLflowStore(tmp_path / "file", {})

    assert not track("trial", {}, FIGURES, MLflowTracker(store))
