"""Saves an evaluation: rows and report in a folder, metrics and files in the tracker."""

import json
from collections.abc import Mapping
from pathlib import Path

from genai.base.tracker import Tracker
from genai.errors import Misconfigured
from genai.evaluation.comparison import Difference
from genai.evaluation.evaluation import Evaluation
from genai.evaluation.report import page
from genai.evaluation.settings import EvaluateSettings
from genai.tracking.provenance import git_commit

EXPERIMENT = "evaluate"
FILE = "evaluation.json"
REPORT = "report.html"
DIFFERENCES = "differences.json"


def read_evaluation(path: Path) -> Evaluation:
    try:
        return Evaluation.model_validate_json(path.read_text())
    except OSError as error:
        raise Misconfigured(f"there is no evaluation at {path}") from error


def write(
    settings: EvaluateSettings,
    evaluation: Evaluation,
    differences: Mapping[str, Difference],
    tracker: Tracker,
) -> Path:
    """Write rows, differences and report. Returns their folder."""
    folder = Path(settings.output) / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    about = [
        f"Subject: {evaluation.subject}",
        f"Data: {settings.data}, version {evaluation.data_version or 'unknown'}",
        f"Commit: {git_commit() or 'unknown'}",
    ]
    (folder / FILE).write_text(evaluation.model_dump_json())
    found = {name: one.model_dump() for name, one in differences.items()}
    (folder / DIFFERENCES).write_text(json.dumps(found, indent=1))
    (folder / REPORT).write_text(
        page(evaluation, differences, title=f"Evaluation {settings.name}", about=about)
    )
    _record(settings, evaluation, folder, tracker)
    return folder


def _record(
    settings: EvaluateSettings, evaluation: Evaluation, folder: Path, tracker: Tracker
) -> None:
    with tracker.run(EXPERIMENT, settings.name) as run:
        run.params(settings.model_dump(mode="json", exclude={"evaluators"}))
        run.tags(
            {
                "subject": evaluation.subject,
                "data_version": evaluation.data_version,
                "git_commit": git_commit(),
            }
        )
        run.metrics({_metric_name(name): value for name, value in evaluation.flat().items()})
        for name in (FILE, REPORT, DIFFERENCES):
            run.file(folder / name)


def _metric_name(name: str) -> str:
    """The name with the characters that MLflow does not allow replaced."""
    return "".join(c if c.isalnum() or c in "_-. /" else "_" for c in name)
