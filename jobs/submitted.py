"""Prepares the environment of a submitted job.

`ray job submit --working-dir .` runs a copy of the project, without what git ignores. Jobs must read and
write the `var/` of the service instead, whose folder is in ``GENAI_HOME``.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

HOME_ENV = "GENAI_HOME"
DATA = "var"

WORKING = 19
"""The niceness of work that can wait, far behind the replicas of `deployments.process_priority`."""


def link_data(environ: Mapping[str, str] = os.environ, here: Path | None = None) -> None:
    """Link `var/` to the service's. Idempotent; keeps an existing `var/`."""
    home, data = environ.get(HOME_ENV), (here or Path()) / DATA
    if not home or data.exists() or not (Path(home) / DATA).is_dir():
        return
    with suppress(FileExistsError):  # another job of the same copy created it
        data.symlink_to(Path(home) / DATA, target_is_directory=True)


def lower_priority(environ: Mapping[str, str] = os.environ) -> None:
    """Give the service priority over this process on a shared machine. Idempotent."""
    if environ.get(HOME_ENV) and os.getpriority(os.PRIO_PROCESS, 0) < WORKING:
        os.setpriority(os.PRIO_PROCESS, 0, WORKING)
