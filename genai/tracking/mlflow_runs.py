"""Experiment tracking with MLflow."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from mlflow.entities import Metric, Param, RunTag

from genai.base.tracker import Figures, TrackedRun
from genai.tracking.no_run import NotRecorded
from genai.tracking.store import MLflowStore, quiet

logger = logging.getLogger(__name__)

LONGEST_VALUE = 500
BATCH = 100

Method = TypeVar("Method", bound=Callable[..., None])


def _best_effort(method: Method) -> Method:
    """Logs errors of the tracker instead of raising them, so that they do not stop the job."""

    @wraps(method)
    def attempt(*args: Any, **kwargs: Any) -> None:
        try:
            with quiet():
                method(*args, **kwargs)
        except Exception as error:
            logger.warning("not recorded", extra={"error": type(error).__name__})

    return attempt  # type: ignore[return-value]


class MLflowRun:
    def __init__(self, store: MLflowStore, run_id: str) -> None:
        self.id = run_id
        self._store = store

    @_best_effort
    def params(self, values: Mapping[str, object]) -> None:
        logged = self._store.client.get_run(self.id).data.params
        new = [Param(k, str(v)[:LONGEST_VALUE]) for k, v in flat(values) if k not in logged]
        for start in range(0, len(new), BATCH):
            self._store.client.log_batch(self.id, params=new[start : start + BATCH])

    @_best_effort
    def metrics(self, values: Figures, step: int = 0) -> None:
        now = int(time.time() * 1000)
        points = [Metric(name, float(value), now, step) for name, value in values.items()]
        for start in range(0, len(points), BATCH):
            self._store.client.log_batch(self.id, metrics=points[start : start + BATCH])

    @_best_effort
    def tags(self, values: Mapping[str, str]) -> None:
        self._store.client.log_batch(self.id, tags=[RunTag(k, v) for k, v in values.items()])

    @_best_effort
    def text(self, content: str, name: str) -> None:
        self._store.client.log_text(self.id, content, name)

    @_best_effort
    def file(self, path: Path) -> None:
        self._store.client.log_artifact(self.id, str(path))


class MLflowTracker:
    def __init__(self, store: MLflowStore) -> None:
        self._store = store

    @contextlib.contextmanager
    def run(self, experiment: str, name: str, *, run_id: str = "") -> Iterator[TrackedRun]:
        started = self._start(experiment, name, run_id)
        try:
            yield started
        except BaseException:
            self._end(started, "FAILED")
            raise
        self._end(started, "FINISHED")

    def _start(self, experiment: str, name: str, run_id: str) -> TrackedRun:
        try:
            with quiet():
                client = self._store.client
                if run_id:
                    client.update_run(run_id, status="RUNNING")
                    return MLflowRun(self._store, run_id)
                created = client.create_run(self._store.experiment(experiment), run_name=name)
                return MLflowRun(self._store, created.info.run_id)
        except Exception as error:
            logger.warning("run not recorded", extra={"error": type(error).__name__})
            return NotRecorded()

    def _end(self, run: TrackedRun, status: str) -> None:
        if run.id:
            try:
                self._store.client.set_terminated(run.id, status)
            except Exception as error:
                logger.warning("run not ended", extra={"error": type(error).__name__})


def flat(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Nested settings as dotted names."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
