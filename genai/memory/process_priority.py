"""Raises the CPU priority of the embedded Redis, which every request waits for."""

import os
from contextlib import suppress
from pathlib import Path

NICENESS = -10


def raise_priority(pid: int) -> None:
    """Does nothing where this user may not do so, as without root.

    With autogrouping, Linux divides CPU time among sessions before processes. So the priority of the
    session is raised as well.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))
