import subprocess
import sys

import pytest

from deployments.launch import NEEDED_OPEN_FILES, age_s, check_machine, interrupt
from genai.errors import Misconfigured

OPEN_FILES = """
import resource
from deployments.launch import allow_open_files
allow_open_files()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_a_signal_is_heard_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt()

    assert capfd.readouterr().out == "\nStopping ...\n"


def test_the_start_is_counted_from_the_command() -> None:
    first = age_s()

    assert 0 < first <= age_s()


def with_limit(soft: int, hard: int) -> subprocess.CompletedProcess[str]:
    shell = f"ulimit -Sn {soft}; ulimit -Hn {hard}; exec {sys.executable} -c '{OPEN_FILES}'"
    return subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)


def test_as_many_files_may_be_open_as_this_user_may_allow() -> None:
    done = with_limit(1024, NEEDED_OPEN_FILES + 1)

    assert done.stdout.strip() == str(NEEDED_OPEN_FILES + 1), done.stderr


def test_too_few_open_files_are_said_before_anything_starts() -> None:
    done = with_limit(1024, 4096)

    assert "4096 files may be open at once" in done.stderr


@pytest.mark.parametrize("port", [-1, 80_000])
def test_a_port_that_no_machine_has_is_said_without_a_traceback(port: int) -> None:
    with pytest.raises(Misconfigured, match="a port is a number from 1 to 65535"):
        check_machine("127.0.0.1", port)
