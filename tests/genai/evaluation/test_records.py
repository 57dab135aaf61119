from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from genai.base.tracker import Figures, TrackedRun
from genai.errors import Misconfigured
from genai.evaluation.comparison import Difference
from genai.evaluation.evaluation import Evaluation, GradedExample
from genai.evaluation.records import read_evaluation, write
from genai.evaluation.settings import EvaluateSettings
from genai.tracking.no_run import NotRecorded

EVALUATION = Evaluation(
    subject="bank",
    data_version="v3",
    rows=(
        GradedExample(id="1", scores={"f1": 1.0}, slices={"topic": "fees & limits"}, seconds=0.1),
        GradedExample(id="2", scores={"f1": 0.0}, slices={"topic": "loans"}, seconds=0.3),
    ),
)


class Notes(NotRecorded):
    """A run, and its tracker, that keeps what it is told."""

    def __init__(self) -> None:
        self.named = ""
        self.told: dict[str, object] = {}
        self.figures: dict[str, float] = {}
        self.files: list[str] = []

    @contextmanager
    def run(self, experiment: str, name: str, *, run_id: str = "") -> Iterator[TrackedRun]:
        self.named = f"{experiment}/{name}"
        yield self

    def tags(self, values: Mapping[str, str]) -> None:
        self.told |= values

    def metrics(self, values: Figures, step: int = 0) -> None:
        self.figures |= values

    def file(self, path: Path) -> None:
        self.files.append(path.name)


def written(folder: Path) -> tuple[Path, Notes]:
    settings = EvaluateSettings.model_validate(
        {
            "name": "nightly",
            "subject": {"subject": "live"},
            "data": "examples.jsonl",
            "evaluators": [{"evaluator": "f1"}],
            "output": str(folder),
        }
    )
    notes = Notes()
    found = Difference(champion=0.4, challenger=0.5, mean=0.1, low=-0.1, high=0.3, examples=2)
    return write(settings, EVALUATION, {"f1": found}, notes), notes


def test_an_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder, _ = written(tmp_path)

    assert folder == tmp_path / "nightly"
    assert read_evaluation(folder / "evaluation.json") == EVALUATION
    assert "version v3" in (folder / "report.html").read_text()
    with pytest.raises(Misconfigured, match="no evaluation"):
        read_evaluation(tmp_path / "evaluation.json")


def test_metrics_are_recorded_under_names_that_the_tracker_allows(tmp_path: Path) -> None:
    _, notes = written(tmp_path)

    assert notes.named == "evaluate/nightly"
    assert notes.told["subject"] == "bank"
    assert notes.files == ["evaluation.json", "report.html", "differences.json"]
    assert len(notes.figures) == len(EVALUATION.flat())
    assert notes.figures["f1"] == 0.5
    [of_fees] = [name for name in notes.figures if "fees" in name and name.endswith("f1")]
    assert "fees _ limits" in of_fees
    assert notes.figures[of_fees] == 1.0
