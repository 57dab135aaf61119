"""Runs the whole service as a child process, started as `make run` does it: for rehearsals and tests."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from deployments.free_port import free_port
from deployments.launch import READY_WITHIN_S, ROOT, is_ready
from genai.errors import BackendFailed

STOP_WITHIN_S = 60
OUTSIDE = ("REDIS_URL", "OPENAI_API_KEY")
"""Environment variables that would connect the service to something outside; they are not inherited."""


@dataclass(frozen=True, slots=True)
class Launched:
    """A running service. ``said`` is the launcher's output until it was ready."""

    url: str
    key: str
    pid: int
    said: str


@contextlib.contextmanager
def launched(
    config: Path, var: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Launched]:
    """Start the service on a free port; at the end of the block stop it with all its child processes.

    Raises `BackendFailed` with the end of the log when it does not start.
    """
    port, log = free_port(), var / "service.log"
    command = [sys.executable, "-m", "deployments.launch", "--config", str(config)]
    surroundings = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - every word is ours
            [*command, "--port", str(port), "--var", str(var)],
            cwd=ROOT,
            env={**surroundings, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url, log)
        yield Launched(url, (var / "dev-key").read_text().strip(), process.pid, log.read_text())
    finally:
        _stop(process)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Until it answers and the launcher has printed the example requests."""
    until = time.monotonic() + READY_WITHIN_S
    while not (is_ready(url) and url in log.read_text()):
        if process.poll() is not None or time.monotonic() > until:
            raise BackendFailed(f"the service did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.5)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGINT first, as Ctrl-C sends it; then SIGKILL for the child processes that are left."""
    started = [process.pid]
    with contextlib.suppress(psutil.NoSuchProcess):
        started += [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_WITHIN_S)
    for pid in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
