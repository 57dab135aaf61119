"""Chooses tracker and registry: MLflow in the jobs' environment, none elsewhere."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from genai.base.tracker import Registry, TrackedRun, Tracker
from genai.tracking.no_run import NotRecorded


def default_tracker() -> Tracker | None:
    """The tracker of MLflow; None in an environment without MLflow."""
    try:
        from genai.tracking.mlflow_runs import MLflowTracker
        from genai.tracking.store import MLflowStore
    except ImportError:
        return None
    return MLflowTracker(MLflowStore())


def default_registry() -> Registry | None:
    """The registry of MLflow; None in an environment without MLflow."""
    try:
        from genai.tracking.registry import MLflowRegistry
        from genai.tracking.store import MLflowStore
    except ImportError:
        return None
    return MLflowRegistry(MLflowStore())


def reopened(run_id: str) -> TrackedRun:
    """A run of another process, which ends it."""
    if not run_id:
        return NotRecorded()
    from genai.tracking.mlflow_runs import MLflowRun
    from genai.tracking.store import MLflowStore

    return MLflowRun(MLflowStore(), run_id)


class NoTracker:
    """Records nothing."""

    @contextlib.contextmanager
    def run(self, experiment: str, name: str, *, run_id: str = "") -> Iterator[TrackedRun]:
        yield NotRecorded()


def track(
    experiment: str,
    settings: Mapping[str, Any],
    figures: Mapping[str, Mapping[str, float]],
    tracker: Tracker | None = None,
) -> bool:
    """Record a run if there is a tracker. Returns whether it was recorded; never raises its errors."""
    tracker = tracker or default_tracker()
    if tracker is None:
        return False
    with tracker.run(experiment, experiment) as run:
        run.params(settings)
        run.metrics(
            {
                f"{group}/{name}": v
                for group, values in figures.items()
                for name, v in values.items()
            }
        )
        return bool(run.id)
