"""Starts HAProxy again at once when it has died, until Serve has started another.

Serve needs seven to nine seconds for that. Meanwhile a stand-in serves, by the same configuration but
for its admin socket: at that socket Serve finds nobody and still notices the death. An edge that Serve
starts later takes the stand-in's place. Before it has heard of the application it listens aside: until
then it could only refuse.

`cluster/edge/haproxy`, through which Serve starts HAProxy, calls this. Nobody is watched outside of a
cluster, and what is watched ends with the cluster.
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
"""Of the environment that Ray gives its workers: the process with which all of them end."""

SERVING = "serving.pid"
STAND_IN = "stand-in.cfg"
OWN_SOCKET, ASIDE_SOCKET = "stand-in.sock", "aside.sock"
ADMIN_SOCKET = re.compile(r"^(\s*stats socket )\S+", re.M)

PAUSE_S = 0.2
"""Between two starts of a stand-in that dies at once."""

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


def watched(config: Path, start: Start) -> None:
    """Returns at once. What becomes of this process is watched by another, which is left behind."""
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
        _watch(pid, raylet, config, start)
    finally:
        os._exit(0)


def _watch(pid: int, raylet: int, config: Path, start: Start) -> None:
    """Until another edge is noted in its place, or the cluster has ended."""
    cluster = os.pidfd_open(raylet)
    while _lives_on(pid, cluster) and _noted(config.parent) == pid:
        stand_in = start(_stand_in(config))
        pid = stand_in.pid
        _note(config.parent, pid)
        time.sleep(PAUSE_S)
        stand_in.poll()


def _lives_on(pid: int, cluster: int) -> bool:
    """Waits for the end of the process, or of the cluster, whose end is that of the process."""
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
    """Its configuration: the last one by which there was something to serve."""
    file, text = config.with_name(STAND_IN), config.read_text()
    if knows_applications(text) or not file.exists():
        text = hardened(text, config.parent / "errors")
        file.write_text(ADMIN_SOCKET.sub(rf"\g<1>{config.with_name(OWN_SOCKET)}", text))
    return file


def _soft_stopped(arguments: Sequence[str]) -> set[int]:
    """The processes that Serve has HAProxy take over from."""
    return {int(part) for part in arguments if part.isdigit()} if "-sf" in arguments else set()


def _instead_of(before: int | None, arguments: Sequence[str]) -> list[str]:
    """Takes over also from a process that Serve does not know."""
    if before is None or before in _soft_stopped(arguments):
        return list(arguments)
    if "-sf" not in arguments:
        return [*arguments, "-sf", str(before)]
    at = arguments.index("-sf") + 1
    return [*arguments[:at], str(before), *arguments[at:]]


def _serving(folder: Path) -> int | None:
    """The process that serves at the address of the service, as far as it lives."""
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
