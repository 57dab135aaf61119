"""Lets a process that others wait for run first, as far as this user may say so."""

import os
from contextlib import suppress
from pathlib import Path

NICENESS = -10


def favour(pid: int) -> None:
    """Without the right to it, as without root, nothing changes.

    Linux may share the processors among sessions first, and only then among the processes of each: a
    server in a session of its own is favoured as a session, too.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))
