"""Runs training in workers of Ray Train."""

import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import ray
from ray import train
from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchTrainer, get_device

from genai.base.tracker import Figures, TrackedRun
from genai.errors import BackendFailed, Misconfigured
from genai.tracking.runs import reopened
from genai.training import checkpoints
from genai.training.fit import OUTCOME, TrainingResult, fit
from genai.training.settings import FineTuneSettings, ParallelSettings
from genai.training.trainer import State
from genai.training.worker import Worker
from jobs.config import show_progress
from jobs.submitted import lower_priority

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]


def fit_on_ray(
    settings: FineTuneSettings, source: str, data: Path, output: Path, run: TrackedRun
) -> TrainingResult:
    """Raises `BackendFailed` if the training failed more often than the settings allow."""
    start_ray(settings.parallel)
    check_resources(settings.parallel)
    trainer = TorchTrainer(
        work,
        train_loop_config={
            "settings": settings.model_dump_json(),
            "source": str(Path(source).resolve()) if Path(source).is_dir() else source,
            "data": str(data),
            "output": str(output),
            "run_id": run.id,
            "tracking": os.environ.get("MLFLOW_TRACKING_URI", ""),
            "home": os.getcwd(),
        },
        scaling_config=ScalingConfig(
            num_workers=settings.parallel.workers,
            use_gpu=settings.parallel.gpu,
            resources_per_worker={"CPU": settings.parallel.cpus_per_worker},
        ),
        run_config=RunConfig(
            name="ray",
            storage_path=str(output),
            failure_config=FailureConfig(max_failures=settings.parallel.max_failures),
            checkpoint_config=CheckpointConfig(num_to_keep=2),
        ),
    )
    try:
        trainer.fit()
    except train.TrainingFailedError as error:
        raise BackendFailed("the training failed; its log says why") from error
    return TrainingResult.model_validate_json((output / OUTCOME).read_text())


def start_ray(parallel: ParallelSettings) -> None:
    """Join the cluster that the job was submitted to, or start one for this process alone.

    Its workers get the Python of this process, which has the packages of the jobs.
    """
    if ray.is_initialized():
        return
    runtime = {
        "py_executable": sys.executable,
        "env_vars": {
            "PYTHONPATH": str(ROOT),
            "RAY_TRAIN_ENABLE_CONTROLLER_STRUCTURED_LOGGING": "0",
        },
    }
    if os.environ.get("RAY_ADDRESS"):
        ray.init(runtime_env=runtime)
        return
    cpus = parallel.workers * parallel.cpus_per_worker + 1
    ray.init(
        num_cpus=int(cpus + 0.999),
        include_dashboard=False,
        object_store_memory=100_000_000,
        runtime_env=runtime,
    )


def check_resources(parallel: ParallelSettings) -> None:
    """Warns if workers must wait for resources. Raises `Misconfigured` if the cluster has too few."""
    for kind, each in _needs(parallel).items():
        needed = each * parallel.workers
        there = ray.cluster_resources().get(kind, 0.0)  # type: ignore[no-untyped-call]
        free = ray.available_resources().get(kind, 0.0)  # type: ignore[no-untyped-call]
        if needed > there:
            raise Misconfigured(f"the workers need {needed:g} {kind}, the cluster has {there:g}")
        if needed > free:
            extra = {"needed": needed, "free": free, "of": there, "kind": kind}
            logger.warning("the workers wait until there is room for them", extra=extra)


def _needs(parallel: ParallelSettings) -> dict[str, float]:
    gpu = {"GPU": 1.0} if parallel.gpu else {}
    return {"CPU": parallel.cpus_per_worker, **gpu}


class RaySink:
    """Stores checkpoints by Ray Train; only the first worker records metrics."""

    def __init__(self, run: TrackedRun, worker: Worker) -> None:
        self._run = run
        self._worker = worker

    def metrics(self, values: Figures, step: int) -> None:
        if self._worker.first:
            self._run.metrics(values, step)

    def checkpoint(self, state: State | None, step: int) -> None:
        if state is None:
            train.report({"step": step})
            return
        with tempfile.TemporaryDirectory() as folder:
            checkpoints.save(Path(folder), state)
            train.report({"step": step}, checkpoint=train.Checkpoint.from_directory(folder))


def work(config: dict[str, Any]) -> None:
    """The function of each worker. It changes from Ray's working folder to that of the job first."""
    lower_priority()
    os.chdir(config["home"])
    if config["tracking"]:
        os.environ["MLFLOW_TRACKING_URI"] = config["tracking"]
    show_progress()
    settings = FineTuneSettings.model_validate(json.loads(config["settings"]))
    context = train.get_context()
    worker = Worker(
        rank=context.get_world_rank(),
        world=context.get_world_size(),
        device=str(get_device()),
        strategy=settings.parallel.strategy,
    )
    kept = train.get_checkpoint()
    state: State | None = None
    if kept is not None:
        with kept.as_directory() as folder:
            state = checkpoints.load(Path(folder))
    fit(
        settings,
        source=config["source"],
        data=Path(config["data"]),
        output=Path(config["output"]),
        sink=RaySink(reopened(config["run_id"]), worker),
        worker=worker,
        state=state,
    )
