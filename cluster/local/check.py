"""Reports what this machine lacks, before anything is installed. Runs on any Python 3."""

import os
import platform
import shutil
import sys

NEEDED_PYTHON = (3, 11)
NEEDED_DISK_GB = 8


def missing():
    """What is missing, one sentence each."""
    if sys.version_info[:2] < NEEDED_PYTHON:
        yield "Python 3.11 or newer is needed, this is {}: make {} PYTHON=python3.11".format(
            platform.python_version(), "run"
        )
    if platform.system() != "Linux":
        yield "Linux is needed, this is {}".format(platform.system())
    free_gb = shutil.disk_usage(os.getcwd()).free / 1e9
    if free_gb < NEEDED_DISK_GB:
        yield "{:.1f} GB of disk are free, {} GB are needed".format(free_gb, NEEDED_DISK_GB)
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        yield "Python's venv module is missing: on Debian, apt-get install python3-venv"


problems = list(missing())
if problems:
    sys.exit("This cannot be installed here:\n  " + "\n  ".join(problems))
