"""Records what a job tried and what came of it, where MLflow is installed."""

from collections.abc import Mapping
from typing import Any

from genai.base.tracker import Tracker


def default_tracker() -> Tracker | None:
    """MLflow's, in this project's store; None in an environment without MLflow."""
    try:
        from genai.tracking.mlflow_runs import MLflowTracker
        from genai.tracking.store import MLflowStore
    except ImportError:
        return None
    return MLflowTracker(MLflowStore())


def track(
    experiment: str,
    settings: Mapping[str, Any],
    figures: Mapping[str, Mapping[str, float]],
    tracker: Tracker | None = None,
) -> bool:
    """Whether a run was recorded. Where it cannot be, the job goes on without."""
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
