"""Records what jobs tried and what came of it, in MLflow where that is installed: its home module."""

import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger(__name__)

_LONGEST_VALUE = 500


def track(
    experiment: str, settings: Mapping[str, Any], figures: Mapping[str, Mapping[str, float]]
) -> bool:
    """Whether a run was recorded. Where it cannot be, the job goes on without."""
    try:
        import mlflow

        mlflow.set_experiment(experiment)
        with mlflow.start_run():
            mlflow.log_params({name: str(v)[:_LONGEST_VALUE] for name, v in settings.items()})
            mlflow.log_metrics(
                {
                    f"{group}/{name}": value
                    for group, values in figures.items()
                    for name, value in values.items()
                }
            )
    except ImportError:
        return False
    except Exception as error:
        log.warning("run not recorded", extra={"error": type(error).__name__})
        return False
    return True
