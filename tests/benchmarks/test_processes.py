import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.processes import NotStartedError, started

PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
open(sys.argv[1], "w").close()
time.sleep(60)
"""


def test_everything_that_a_command_started_ends_with_it(tmp_path: Path) -> None:
    up = tmp_path / "up"
    command = [sys.executable, "-c", PARENT, str(up)]

    with started(command, tmp_path / "log", is_ready=up.exists, within_s=30) as group:
        members = group.members()

    assert len(members) == 2
    _, alive = psutil.wait_procs(members, timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_command_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such thing')"]

    with (
        pytest.raises(NotStartedError, match="no such thing"),
        started(command, tmp_path / "log", is_ready=lambda: False, within_s=30),
    ):
        pass
