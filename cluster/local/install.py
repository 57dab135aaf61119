"""Runs `pip install`, and says every ten seconds what it is doing.

.venv/bin/python cluster/local/install.py "the dependencies" -c requirements.lock -e .
.venv/bin/python cluster/local/install.py "the jobs" --python .venv-jobs/bin/python -e '.[jobs]'
"""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

EVERY_S = 10.0
PIP = (sys.executable, "-m", "pip")
INSTALL = ("install", "--disable-pip-version-check", "--progress-bar=off")

_STEP = re.compile(r"\s*(Collecting|Downloading|Building|Installing collected packages:) (.+)")


class Progress:
    """What pip is doing, by what it has said so far."""

    def __init__(self) -> None:
        self._doing = "starting"
        self._packages = 0

    def hear(self, line: str) -> None:
        step = _STEP.match(line)
        match step.groups() if step else ():
            case "Collecting", package:
                self._packages += 1
                self._doing = f"looking for {package.split()[0]} (package {self._packages})"
            case "Downloading", file:
                name = file.split()[0].rpartition("/")[2]
                self._doing = f"downloading {' '.join([name, *file.split()[1:]])}"
            case "Building", what:
                self._doing = f"building {what.strip()}"
            case _, names:
                self._doing = f"unpacking {names.count(',') + 1} packages"

    def __str__(self) -> str:
        return self._doing


def install(
    what: str, command: Sequence[str], say: Callable[[str], None], *, every_s: float = EVERY_S
) -> int:
    """The exit code of the command. Its errors are printed as they are."""
    started, progress, over = time.monotonic(), Progress(), threading.Event()

    def report() -> None:
        while not over.wait(every_s):
            say(f"  {time.monotonic() - started:4.0f} s: {progress}")

    say(f"Installing {what} ...")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as pip:  # noqa: S603
        reporter = threading.Thread(target=report, daemon=True)
        reporter.start()
        for line in pip.stdout or ():
            progress.hear(line)
    over.set()
    reporter.join()
    return pip.returncode


def pip_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """``--python``, which must come first, names the environment to install into."""
    at = 2 if arguments[:1] == ["--python"] else 0
    return (*PIP, *arguments[:at], *INSTALL, *arguments[at:])


def say_aloud(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    sys.exit(install(what, pip_command(arguments), say_aloud))
