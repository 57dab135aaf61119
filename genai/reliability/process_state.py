"""The scheduling state of local processes: is a silent server waiting for a CPU, or not working at all?

A process that is runnable is only starved of CPU time; one that sleeps or was stopped is not going to
answer. Nothing is known of a server on another machine, so that counts as not answering.
"""

import socket
import struct
from contextlib import suppress
from pathlib import Path

RUNNABLE = b"R"
_CREDENTIALS = struct.Struct("3i")


def is_starved(end: socket.socket | None) -> bool:
    """Whether the process at the other end of a Unix socket is runnable: on a CPU or waiting for one."""
    if end is None or end.family != socket.AF_UNIX:
        return False
    with suppress(OSError, IndexError):
        credentials = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, _, _ = _CREDENTIALS.unpack(credentials)
        return state_of(pid) == RUNNABLE
    return False


def state_of(pid: int) -> bytes:
    """The state of the main thread, as the letter in `/proc/<pid>/stat`."""
    return _state_in(Path(f"/proc/{pid}/stat"))


def thread_states(pid: int) -> list[bytes]:
    """The states of all threads: the main thread may be waiting for the others."""
    states = []
    with suppress(OSError):  # of listing: the process may end meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # a thread may, too
                states.append(_state_in(thread / "stat"))
    return states


def _state_in(stat: Path) -> bytes:
    """The process name, which precedes the state, may contain any character."""
    return stat.read_bytes().rpartition(b")")[2].split()[0]
