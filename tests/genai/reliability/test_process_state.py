import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from genai.reliability.process_state import RUNNABLE, is_starved, state_of, thread_states

SERVER = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
kept, _ = listening.accept()
while True:
    if sys.argv[2] == "busy":
        continue
    kept.recv(1)
"""


@contextmanager
def server(path: Path, habit: str) -> Iterator[tuple[int, socket.socket]]:
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(path), habit])
    try:
        with closing(socket.socket(socket.AF_UNIX)) as client:
            until = time.monotonic() + 30
            while client.connect_ex(str(path)) and time.monotonic() < until:
                time.sleep(0.01)
            yield process.pid, client
    finally:
        process.kill()
        process.wait()


def settled(pid: int, state: bytes) -> bytes:
    """The state, once it is the expected one or ten seconds are over."""
    until = time.monotonic() + 10
    while state_of(pid) != state and time.monotonic() < until:
        time.sleep(0.01)
    return state_of(pid)


def test_a_runnable_server_is_starved(tmp_path: Path) -> None:
    with server(tmp_path / "s", "busy") as (pid, client):
        settled(pid, b"R")

        assert is_starved(client)


def test_a_sleeping_server_is_not_starved(tmp_path: Path) -> None:
    with server(tmp_path / "s", "idle") as (pid, client):
        settled(pid, b"S")

        assert not is_starved(client)


def test_a_stopped_server_is_not_starved(tmp_path: Path) -> None:
    with server(tmp_path / "s", "busy") as (pid, client):
        os.kill(pid, signal.SIGSTOP)
        settled(pid, b"T")

        assert not is_starved(client)


def test_a_server_on_another_machine_is_not_starved() -> None:
    with closing(socket.socket(socket.AF_INET)) as client:
        assert not is_starved(client)
    assert not is_starved(None)


BUSY_THREAD = """
import threading
def work():
    while True: pass
threading.Thread(target=work, daemon=True).start()
threading.Event().wait()
"""


def test_all_threads_of_a_process_count() -> None:
    process = subprocess.Popen([sys.executable, "-c", BUSY_THREAD])
    try:
        until = time.monotonic() + 30
        while RUNNABLE not in (states := thread_states(process.pid)) or len(states) < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert settled(process.pid, b"S") == b"S"
        process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 10
        while RUNNABLE in thread_states(process.pid):  # threads stop one after the other
            assert time.monotonic() < until
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()


def test_an_ended_process_has_no_threads() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert thread_states(process.pid) == []
