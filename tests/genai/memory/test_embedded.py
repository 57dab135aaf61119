import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.memory import embedded
from tests.support.redis_server import RedisServer


def test_the_server_listens_in_a_private_folder_and_on_no_port(own_redis: RedisServer) -> None:
    assert own_redis.directory.stat().st_mode & 0o777 == 0o700
    assert own_redis.socket.stat().st_mode & 0o077 == 0
    assert (own_redis.directory / "lock").stat().st_mode & 0o777 == 0o600
    assert embedded.answers(own_redis.socket)
    assert Path(f"/proc/{own_redis.process.pid}/fd").exists()
    inodes = {link.readlink().name for link in Path(f"/proc/{own_redis.process.pid}/fd").iterdir()}
    tcp = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    listening = {f"socket:[{line.split()[9]}]" for line in tcp.splitlines() if " 0A " in line}
    assert not inodes & listening


def test_a_second_start_finds_the_first(own_redis: RedisServer) -> None:
    assert embedded.start(own_redis.directory) is None
    assert own_redis.process.poll() is None


def test_concurrent_starts_make_one_server(own_redis: RedisServer) -> None:
    own_redis.kill()
    children: list[subprocess.Popen[bytes] | None] = []
    threads = [
        threading.Thread(target=lambda: children.append(embedded.start(own_redis.directory)))
        for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (child,) = [child for child in children if child is not None]
    own_redis.process = child


def test_the_module_runs_in_the_foreground(own_redis: RedisServer) -> None:
    own_redis.kill()
    command = [sys.executable, "-m", "genai.memory.embedded", "--dir", str(own_redis.directory)]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not embedded.answers(own_redis.socket):
            assert process.poll() is None
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        process.terminate()
        assert process.wait(10) == 0

    assert again.returncode == 0
    assert "already runs" in again.stderr


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="too long"):
        embedded.start(tmp_path / ("x" * 100))


def test_a_killed_server_is_restarted_with_the_same_data() -> None:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        directory = Path(folder)
        with embedded.supervised(directory):
            told(directory, b"SET greeting hello\r\n")
            kill_server_of(directory)

            until = time.monotonic() + 5
            while not embedded.answers(directory / embedded.SOCKET):
                assert time.monotonic() < until
            assert b"hello" in told(directory, b"GET greeting\r\n")
        assert not embedded.answers(directory / embedded.SOCKET)


def told(directory: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(directory / embedded.SOCKET))
        client.sendall(command)
        return client.recv(100)


def kill_server_of(directory: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(directory / embedded.SOCKET))
        peer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    os.kill(struct.unpack("3i", peer)[0], signal.SIGKILL)
