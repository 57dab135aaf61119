"""Fine-tune a language model, and register the result.

    python -m jobs.fine_tune --config jobs/fine_tune.yaml [--local] [--again]
    ray job submit --working-dir . -- python -m jobs.fine_tune --config jobs/fine_tune.yaml

Trains with Ray Train, with as many workers as configured; --local trains in this process. A killed job
resumes from its last checkpoint when it is started again. A finished one says so; --again trains anew.
Exits with 1 when there is no model in the end.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from genai.base.tracker import ModelVersion, Registry, TrackedRun, Tracker
from genai.llms.sources import resolve
from genai.preparation.prepare import find
from genai.tracking.runs import NoTracker, default_registry, default_tracker
from genai.training.fit import TrainingResult
from genai.training.local_run import fit_here
from genai.training.records import record_end, record_start, registered_in, run_folder, run_id_of
from genai.training.settings import FineTuneSettings
from jobs import config

Train = Callable[[FineTuneSettings, str, Path, Path, TrackedRun], TrainingResult]


def main(argv: list[str] | None = None) -> int:
    parser = config.parser(__doc__, "jobs/fine_tune.yaml")
    parser.add_argument("--local", action="store_true", help="in this process, without Ray")
    parser.add_argument("--again", action="store_true", help="though it was done before")
    args = parser.parse_args(argv)

    def work() -> int:
        settings = config.read(args.config, FineTuneSettings)
        made = fine_tune(settings, local=args.local, again=args.again)
        print(f"{made.uri}: {made.folder}" if made else "trained; there is no registry")
        return 0

    return config.run(work)


def fine_tune(
    settings: FineTuneSettings,
    *,
    local: bool = False,
    again: bool = False,
    tracker: Tracker | None = None,
    registry: Registry | None = None,
) -> ModelVersion | None:
    """The registered model; None without a registry."""
    tracker = tracker or default_tracker() or NoTracker()
    registry = registry or default_registry()
    data = find(settings.data).resolve()
    source = resolve(settings.model, registry)
    folder = run_folder(settings, source, data)
    if again:
        shutil.rmtree(folder, ignore_errors=True)
    known = registered_in(folder)
    if known is not None:
        print("the same was trained before; --again trains it anew")
        return known
    with tracker.run("fine_tune", settings.name, run_id=run_id_of(folder)) as run:
        record_start(run, folder, settings, source, data)
        outcome = _trainer(local)(settings, source, data, folder, run)
        return record_end(run, registry, folder, settings, outcome, source=source, data=data)


def _trainer(local: bool) -> Train:
    if local:
        return fit_here
    from jobs.ray_training import fit_on_ray

    return fit_on_ray


if __name__ == "__main__":
    sys.exit(main())
