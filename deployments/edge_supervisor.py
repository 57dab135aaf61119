"""Replaces a dead HAProxy at once, until Serve has started another one.

Serve takes seven to nine seconds to do so. Meanwhile a stand-in serves with the same configuration. Only
its admin socket differs, so that Serve does not reach it there and still notices the death. The HAProxy
that Serve starts later takes over from the stand-in, but listens on a spare socket until it knows the
application: until then it could only refuse requests.

Called by `cluster/edge/haproxy`, the program that Serve starts as HAProxy. The supervisor does nothing
outside of a Ray cluster, and ends with it.
"""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deployments.edge import aside, hardened, knows_applications

RAYLET = "RAY_RAYLET_PID"
"""The environment variable in which Ray tells its workers the process id of the raylet."""

SERVING = "serving.pid"
STAND_IN = "stand-in.cfg"
OWN_SOCKET, ASIDE_SOCKET = "stand-in.sock", "aside.sock"
ADMIN_SOCKET = re.compile(r"^(\s*stats socket )\S+", re.M)

PAUSE_S = 0.2
"""Pause between two starts of a stand-in that exits at once."""

Start = Callable[[Path], "subprocess.Popen[bytes]"]


def prepared(arguments: Sequence[str], config: Path) -> list[str]:
    """The arguments with which HAProxy is to be started, once its configuration is hardened."""
    folder = config.parent
    text = hardened(config.read_text(), folder / "errors")
    shared = [part for part in arguments if part != "-dR"]  # two may listen, for a moment
    known, before = _soft_stopped(arguments), _serving(folder)
    if before is not None and before not in known and not knows_applications(text):
        config.write_text(aside(text, folder / ASIDE_SOCKET))
        return shared
    config.write_text(text)
    _note(folder, os.getpid())
    return _instead_of(before, shared)


def supervised(config: Path, start: Start) -> None:
    """Forks a supervisor of this process, which is about to become HAProxy, and returns at once."""
    raylet = int(os.environ.get(RAYLET, "0"))
    pid = os.getpid()
    if not raylet:
        return
    if child := os.fork():
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    try:
        _supervise(pid, raylet, config, start)
    finally:
        os._exit(0)


def _supervise(pid: int, raylet: int, config: Path, start: Start) -> None:
    """Starts stand-ins until Serve has started another HAProxy, or the cluster has ended."""
    cluster = os.pidfd_open(raylet)
    while _lives_on(pid, cluster) and _noted(config.parent) == pid:
        stand_in = start(_stand_in(config))
        pid = stand_in.pid
        _note(config.parent, pid)
        time.sleep(PAUSE_S)
        stand_in.poll()


def _lives_on(pid: int, cluster: int) -> bool:
    """Waits until the process or the cluster ends, and kills the process if it is the cluster.

    False once the cluster has ended.
    """
    try:
        edge = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ends = select.poll()
    ends.register(edge, select.POLLIN)
    ends.register(cluster, select.POLLIN)
    ended = {number for number, _ in ends.poll()}
    if cluster in ended and edge not in ended:
        signal.pidfd_send_signal(edge, signal.SIGKILL)
    os.close(edge)
    return cluster not in ended


def _stand_in(config: Path) -> Path:
    """The file of its configuration: the last one in which an application was known."""
    file, text = config.with_name(STAND_IN), config.read_text()
    if knows_applications(text) or not file.exists():
        text = hardened(text, config.parent / "errors")
        file.write_text(ADMIN_SOCKET.sub(rf"\g<1>{config.with_name(OWN_SOCKET)}", text))
    return file


def _soft_stopped(arguments: Sequence[str]) -> set[int]:
    """The process ids after ``-sf``: those that Serve has HAProxy take over from."""
    return {int(part) for part in arguments if part.isdigit()} if "-sf" in arguments else set()


def _instead_of(before: int | None, arguments: Sequence[str]) -> list[str]:
    """The arguments, extended so that HAProxy takes over from a stand-in, which Serve does not know."""
    if before is None or before in _soft_stopped(arguments):
        return list(arguments)
    if "-sf" not in arguments:
        return [*arguments, "-sf", str(before)]
    at = arguments.index("-sf") + 1
    return [*arguments[:at], str(before), *arguments[at:]]


def _serving(folder: Path) -> int | None:
    """The process id of the HAProxy that serves now; None when it is dead."""
    pid = _noted(folder)
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return None
    return pid if str(folder) in command else None


def _noted(folder: Path) -> int | None:
    try:
        return int((folder / SERVING).read_text())
    except (OSError, ValueError):
        return None


def _note(folder: Path, pid: int) -> None:
    (folder / SERVING).write_text(str(pid))
