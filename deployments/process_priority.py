"""CPU priority of replicas: those that start run before those that serve.

Under load the serving replicas keep all cores busy, and a replacement would start slowly just when it is
needed. `LocalRay` starts every worker with the niceness `STARTING`; a replica that is ready lowers itself
to `SERVING`, with its threads and child processes.
"""

import os
from contextlib import suppress
from pathlib import Path

STARTING = 0
SERVING = 10
"""Enough that six serving replicas leave a starting one most of a core. Ray's own default for workers is
15, behind everything else on the machine."""


def lower_priority() -> None:
    """Raises the niceness of this process to `SERVING`, unless it is higher. Safe to call twice."""
    _lower_priority(Path("/proc/self"))


def _lower_priority(process: Path) -> None:
    for thread in _listed(process / "task"):
        with suppress(OSError):  # it has ended
            tid = int(thread.name)
            if os.getpriority(os.PRIO_PROCESS, tid) < SERVING:
                os.setpriority(os.PRIO_PROCESS, tid, SERVING)
            for child in (thread / "children").read_text().split():
                _lower_priority(Path("/proc", child))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has ended
        return []
