"""Starts commands, tracks all their descendants, and stops exactly those."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil

MARK = "GENAI_BENCHMARK"
"""An environment variable that marks all descendants, because daemons leave their parents."""

STOP_WITHIN_S = 60.0


class NotStartedError(RuntimeError):
    """A command ended or did not answer in time. The message has the end of its log."""


@dataclass(frozen=True)
class Group:
    """A command and its descendants. ``mark`` finds those that were reparented."""

    root: int
    mark: str
    log: Path

    def members(self) -> list[psutil.Process]:
        found = {p.pid: p for p in psutil.process_iter() if _has_mark(p.pid, self.mark)}
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.root)
            found |= {p.pid: p for p in [root, *root.children(recursive=True)]}
        return [p for p in found.values() if p.pid != os.getpid()]

    def last_lines(self, count: int = 20) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])


def _has_mark(pid: int, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


@contextlib.contextmanager
def started(
    command: list[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    is_ready: Callable[[], bool],
    within_s: float,
) -> Iterator[Group]:
    """Runs a command until the end of the block, then stops it and all its descendants."""
    mark = f"{MARK}={uuid4().hex}"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(env or {}), MARK: mark.partition("=")[2]},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    group = Group(process.pid, mark, log)
    try:
        _wait_until(is_ready, process, group, within_s)
        yield group
    finally:
        _stop(process, group)


def _wait_until(
    is_ready: Callable[[], bool], process: subprocess.Popen[bytes], group: Group, within_s: float
) -> None:
    until = time.monotonic() + within_s
    while not is_ready():
        if process.poll() is not None:
            raise NotStartedError(f"ended with {process.returncode}:\n{group.last_lines()}")
        if time.monotonic() > until:
            raise NotStartedError(f"not ready within {within_s:.0f} s:\n{group.last_lines()}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes], group: Group) -> None:
    """Terminates the command, then kills the descendants that are left."""
    known = group.members()
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_WITHIN_S)
    for member in {*known, *group.members()}:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait()


def answers(url: str) -> Callable[[], bool]:
    """Whether a GET returns 200."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    return ask


def module(name: str, *arguments: str) -> list[str]:
    """The command line for a module of this project."""
    return [sys.executable, "-m", name, *arguments]
