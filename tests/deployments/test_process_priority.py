"""In processes of their own: no thread can take back that it gave way."""

import os
import subprocess
import sys

import pytest

from deployments.process_priority import SERVING, STARTING

pytestmark = pytest.mark.skipif(os.nice(0) > STARTING, reason="these tests give way themselves")

PROGRAM = """
import os, subprocess, sys, threading
from pathlib import Path
from deployments.process_priority import lower_priority

os.nice(int(sys.argv[1]) - os.nice(0))
waiting = threading.Event()
threading.Thread(target=waiting.wait, daemon=True).start()
child = subprocess.Popen(["sleep", "60"])
lower_priority()
lower_priority()
threads = [int(path.name) for path in Path("/proc/self/task").iterdir()] + [child.pid]
print(sorted({os.getpriority(os.PRIO_PROCESS, thread) for thread in threads}))
child.kill()
os._exit(0)
"""


def niceness_of_a_worker_that(began_with: int) -> str:
    """Of all its threads, after it has stepped back."""
    command = [sys.executable, "-c", PROGRAM, str(began_with)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_every_thread_and_child_of_a_replica_that_serves_gives_way_to_one_that_starts() -> None:
    assert SERVING > STARTING
    assert niceness_of_a_worker_that(began_with=STARTING) == str([SERVING])


def test_a_worker_that_gives_way_already_stays_as_it_is() -> None:
    assert niceness_of_a_worker_that(began_with=15) == "[15]"
