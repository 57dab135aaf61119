import os
import subprocess
import sys

from genai.memory.process_priority import NICENESS, raise_priority


def test_the_priority_is_raised_if_permitted() -> None:
    server = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    before = os.getpriority(os.PRIO_PROCESS, server.pid)

    raise_priority(server.pid)

    after = os.getpriority(os.PRIO_PROCESS, server.pid)
    server.communicate(b"\n")
    assert after == (NICENESS if os.geteuid() == 0 else before)


def test_an_ended_server_is_no_error() -> None:
    server = subprocess.Popen([sys.executable, "-c", ""])
    server.wait()

    raise_priority(server.pid)
