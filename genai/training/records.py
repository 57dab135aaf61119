"""The records of a training run: its folder, its entries in tracker and registry."""

import hashlib
import json
from pathlib import Path

from genai.base.tracker import ModelVersion, Registry, TrackedRun
from genai.tracking.provenance import git_commit
from genai.training.fit import WEIGHTS, TrainingResult
from genai.training.settings import FineTuneSettings

EXPERIMENT = "fine_tune"
REGISTERED = "registered.json"
RUN_ID = "run_id"


def run_folder(settings: FineTuneSettings, source: str, data: Path) -> Path:
    """A function of settings, model and data, so that a repeated job resumes or finds its result."""
    relevant = settings.model_dump(mode="json", exclude={"output", "parallel", "usd_per_hour"})
    key = json.dumps([relevant, source, data.name], sort_keys=True)
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return (Path(settings.output) / settings.name / digest).resolve()


def run_id_of(folder: Path) -> str:
    """The tracker's id of an interrupted run; empty for a new one."""
    path = folder / RUN_ID
    return path.read_text().strip() if path.is_file() else ""


def record_start(
    run: TrackedRun, folder: Path, settings: FineTuneSettings, source: str, data: Path
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_ID).write_text(run.id)
    run.params(settings.model_dump(mode="json"))
    run.tags(_origin(settings, source, data))


def record_end(
    run: TrackedRun,
    registry: Registry | None,
    folder: Path,
    settings: FineTuneSettings,
    outcome: TrainingResult,
    *,
    source: str,
    data: Path,
) -> ModelVersion | None:
    """Registers the trained model if there is a registry. Raises `BackendFailed`."""
    run.metrics(outcome.figures(), outcome.steps)
    run.tags({"device": outcome.device, "workers": str(outcome.workers)})
    if registry is None:
        return None
    figures = {name: f"{value:.6g}" for name, value in outcome.figures().items()}
    kind = settings.export if settings.lora is not None else "full"
    version = registry.register(
        settings.name,
        folder / WEIGHTS,
        run_id=run.id,
        tags=_origin(settings, source, data) | figures | {"kind": kind},
    )
    (folder / REGISTERED).write_text(version.model_dump_json())
    return version


def registered_in(folder: Path) -> ModelVersion | None:
    path = folder / REGISTERED
    return ModelVersion.model_validate_json(path.read_text()) if path.is_file() else None


def _origin(settings: FineTuneSettings, source: str, data: Path) -> dict[str, str]:
    return {
        "base_model": settings.model,
        "base_folder": source,
        "data": settings.data,
        "data_version": data.name,
        "git_commit": git_commit(),
    }
