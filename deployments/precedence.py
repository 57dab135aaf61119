"""Who runs first when there are not enough processors: replicas that start, before those that serve.

What starts is a second of work that many may wait for, while those that serve keep all processors busy.
`LocalRay` starts every worker ahead of `SERVING`; a replica that is ready steps back. One that others
stand in for, as for the engine, which takes half a minute to start, steps back before it starts.
"""

import os
from contextlib import suppress
from pathlib import Path

STARTING = 0
SERVING = 4
"""Of Linux: more gives way to less. Ray starts workers with 15, behind all else that the machine does."""


def step_back() -> None:
    """Safe to call twice. Does nothing where workers give way already."""
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has ended
            tid = int(thread.name)
            if os.getpriority(os.PRIO_PROCESS, tid) < SERVING:
                os.setpriority(os.PRIO_PROCESS, tid, SERVING)
