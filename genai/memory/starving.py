"""Whether a server of this machine is willing to answer, but gets no processor.

The kernel knows it: a process that could run and does not is starved, one that was stopped is frozen.
Of a server on another machine nothing is known, and so it counts as one that does not answer.
"""

import socket
import struct
from contextlib import suppress
from pathlib import Path

RUNNABLE = b"R"
_CREDENTIALS = struct.Struct("3i")


def starving(end: socket.socket | None) -> bool:
    """Whether the process at the other end of a local connection waits for a processor, or uses it."""
    if end is None or end.family != socket.AF_UNIX:
        return False
    with suppress(OSError, IndexError):
        told = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, _, _ = _CREDENTIALS.unpack(told)
        return state_of(pid) == RUNNABLE
    return False


def state_of(pid: int) -> bytes:
    """The letter of the state of a process's first thread."""
    return _state_in(Path(f"/proc/{pid}/stat"))


def thread_states(pid: int) -> list[bytes]:
    """The letters of all threads of a process: the first one may just wait for the others' work."""
    states = []
    with suppress(OSError):  # of listing: the process may end meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # a thread may, too
                states.append(_state_in(thread / "stat"))
    return states


def _state_in(stat: Path) -> bytes:
    """The name, which stands before the state, may have any character."""
    return stat.read_bytes().rpartition(b")")[2].split()[0]
