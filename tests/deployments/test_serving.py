"""In a process of its own: nothing of it can be taken back."""

import os
import subprocess
import sys

import pytest

from deployments.process_priority import SERVING, STARTING

pytestmark = pytest.mark.skipif(os.nice(0) > STARTING, reason="these tests give way themselves")

PROGRAM = """
import gc, os
from deployments.serving import begin_serving

begin_serving()
begin_serving()
print(gc.get_freeze_count() > 0, os.nice(0))
"""


def test_what_is_loaded_lasts_and_others_may_start_first() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["True", str(SERVING)]
