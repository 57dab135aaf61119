import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from ray.serve._private.common import DeploymentID
from ray.serve.exceptions import DeploymentUnavailableError
from ray.serve.schema import ServeDeploySchema

from deployments import local_ray
from deployments.config import load
from deployments.local_ray import (
    ENDED_WITHIN_S,
    KEPT_RUNS,
    LOOKS_EVERY_S,
    end_requests,
    quick_to_stop,
    remove_old_runs,
    without_redis,
)

SHIPPED = Path(__file__).resolve().parents[2] / "serve_config.yaml"


def test_a_deployment_that_does_not_say_how_it_stops_is_quick_to_stop() -> None:
    quiet, outspoken = {"name": "A"}, {"name": "B", "graceful_shutdown_wait_loop_s": 1}
    config = {
        "http_options": {},
        "applications": [{"name": "x", "deployments": [quiet, outspoken]}],
    }

    (application,) = quick_to_stop(config)["applications"]

    waits = [one["graceful_shutdown_wait_loop_s"] for one in application["deployments"]]
    assert waits == [LOOKS_EVERY_S, 1]
    assert quiet == {"name": "A"}


def test_serve_takes_the_shipped_config_with_it() -> None:
    (application,) = ServeDeploySchema.model_validate(quick_to_stop(load(SHIPPED))).applications

    waits = {one.name: one.graceful_shutdown_wait_loop_s for one in application.deployments}
    assert waits.pop("Ingress") == 1
    assert set(waits.values()) == {LOOKS_EVERY_S}


def test_logs_of_the_newest_runs_and_of_those_that_go_on_are_kept(tmp_path: Path) -> None:
    ended, here = 2**22 + 1, os.getpid()
    running, *rest = [
        tmp_path / f"session_2026-01-{day:02}_10-00-00_123456_{here if day == 1 else ended}"
        for day in range(1, KEPT_RUNS + 4)
    ]
    for run in (running, *rest):
        (run / "logs").mkdir(parents=True)
    (tmp_path / "session_latest").symlink_to(rest[-1].name)

    remove_old_runs(tmp_path)

    left = {running.name, *(run.name for run in rest[-KEPT_RUNS:]), "session_latest"}
    assert {path.name for path in tmp_path.iterdir()} == left


class Handle:
    """A handle that was made just now: it knows so many replicas when it is asked, one after the other."""

    def __init__(self, *known: int) -> None:
        self.said: list[tuple[object, ...]] = []
        self._known = list(known)

    def broadcast(self, method: str, *arguments: object) -> "Handle":
        self.said.append((method, *arguments))
        self._now = self._known.pop(0) if len(self._known) > 1 else self._known[0]
        return self

    def results(self, *, timeout_s: float, return_exceptions: bool) -> list[bool]:
        assert timeout_s > 0
        assert return_exceptions
        if not self._now:
            raise DeploymentUnavailableError(DeploymentID("Ingress", "assistant"))
        return [True] * self._now


def test_the_end_is_told_once_all_replicas_are_known() -> None:
    handle = Handle(0, 1, 2)

    end_requests(handle, 2, pause_s=0.0)

    assert handle.said == [("here",)] * 3 + [("close", ENDED_WITHIN_S)]


class Hanging(Handle):
    """One of its replicas answers nobody."""

    def results(self, *, timeout_s: float, return_exceptions: bool) -> list[bool]:
        raise TimeoutError


def test_a_replica_that_hangs_keeps_nobody_from_telling_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_ray, "KNOWN_WITHIN_S", 0.05)
    handle = Hanging(2)

    with pytest.raises(TimeoutError):
        end_requests(handle, 2, pause_s=0.01)

    assert handle.said[-1] == ("close", ENDED_WITHIN_S)


def test_an_ingress_that_never_answers_is_told_of_as_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_ray, "KNOWN_WITHIN_S", 0.05)

    with pytest.raises(DeploymentUnavailableError):
        end_requests(Handle(0), 2, pause_s=0.01)


def test_who_is_known_is_told_although_another_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_ray, "KNOWN_WITHIN_S", 0.05)
    handle = Handle(1)

    end_requests(handle, 2, pause_s=0.01)

    assert handle.said[-1] == ("close", ENDED_WITHIN_S)


def test_a_process_that_ends_meanwhile_does_not_stop_the_stopping() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone, here = psutil.Process(child.pid), psutil.Process()
    child.communicate(b"\n")

    assert list(without_redis([gone, here])) == [here]


INTERRUPTED = """
import sys
from pathlib import Path
import ray
from ray import serve
from deployments.local_ray import LocalRay

def interrupted():
    raise KeyboardInterrupt

class WithoutRequests(LocalRay):
    def _end_requests(self):
        interrupted()

serve.shutdown = interrupted
ray.shutdown = lambda: sys.stderr.write("ray ended")
WithoutRequests(Path(sys.argv[1]))._stop()
"""


def test_ray_is_ended_although_somebody_does_not_want_to_wait_for_serve(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    own = {**os.environ, "TMPDIR": str(tmp_path)}

    said = subprocess.run(command, env=own, capture_output=True, text=True, check=True).stderr

    assert said.endswith("ray ended")
