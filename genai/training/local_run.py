"""Training in this process: checkpoints in a folder, metrics to the tracker."""

from pathlib import Path

from genai.base.tracker import Figures, TrackedRun
from genai.training import checkpoints
from genai.training.fit import TrainingResult, fit
from genai.training.settings import FineTuneSettings
from genai.training.trainer import State
from genai.training.worker import Worker


class FolderSink:
    """Keeps the last checkpoints under ``folder/checkpoints``."""

    def __init__(self, folder: Path, run: TrackedRun) -> None:
        self._folder = folder / "checkpoints"
        self._run = run

    def metrics(self, values: Figures, step: int) -> None:
        self._run.metrics(values, step)

    def checkpoint(self, state: State | None, step: int) -> None:
        if state is not None:
            checkpoints.save(self._folder / f"{step:08d}", state)
            checkpoints.prune(self._folder)


def fit_here(
    settings: FineTuneSettings, source: str, data: Path, output: Path, run: TrackedRun
) -> TrainingResult:
    """Resumes from the newest checkpoint in ``output`` if there is one."""
    newest = checkpoints.latest(output / "checkpoints")
    device = "cuda" if settings.parallel.gpu else "cpu"
    return fit(
        settings,
        source=source,
        data=data,
        output=output,
        sink=FolderSink(output, run),
        worker=Worker(device=device),
        state=checkpoints.load(newest) if newest else None,
    )
