import os
import subprocess
import sys

from genai.memory.process_priority import NICENESS, raise_priority


def test_a_server_is_favoured_by_whoever_may_and_harmed_by_nobody() -> None:
    server = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    before = os.getpriority(os.PRIO_PROCESS, server.pid)

    raise_priority(server.pid)

    after = os.getpriority(os.PRIO_PROCESS, server.pid)
    server.communicate(b"\n")
    assert after == (NICENESS if os.geteuid() == 0 else before)


def test_a_server_that_has_ended_is_no_error() -> None:
    server = subprocess.Popen([sys.executable, "-c", ""])
    server.wait()

    raise_priority(server.pid)
