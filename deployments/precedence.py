"""Who runs first when there are not enough processors: replicas that start, before those that serve.

What starts is a second of work that many may wait for, while those that serve keep all processors busy.
`LocalRay` starts every worker ahead of `SERVING`; a replica that is ready steps back, with all processes
that it started.
"""

import os
from contextlib import suppress
from pathlib import Path

STARTING = 0
SERVING = 10
"""Of Linux: more gives way to less, and by so much, half a dozen to one that starts. Ray starts workers
with 15, behind all else that the machine does."""


def step_back() -> None:
    """Safe to call twice. Does nothing where workers give way already."""
    _step_back(Path("/proc/self"))


def _step_back(process: Path) -> None:
    for thread in _listed(process / "task"):
        with suppress(OSError):  # it has ended
            tid = int(thread.name)
            if os.getpriority(os.PRIO_PROCESS, tid) < SERVING:
                os.setpriority(os.PRIO_PROCESS, tid, SERVING)
            for child in (thread / "children").read_text().split():
                _step_back(Path("/proc", child))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has ended
        return []
