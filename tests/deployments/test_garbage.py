"""In a process of its own: it has what it has loaded for good."""

import subprocess
import sys

PROGRAM = """
import gc
from weakref import ref
from deployments.garbage import keep_what_is_loaded

class Knot:
    def __init__(self):
        self.itself = self

gc.disable()
loaded = [Knot() for _ in range(1000)]
keep_what_is_loaded()
keep_what_is_loaded()
looked_at = {id(one) for one in gc.get_objects()}
print(any(id(one) in looked_at for one in loaded))
later = ref(Knot())
gc.collect()
print(later() is None)
"""


def test_what_was_loaded_is_not_looked_at_again_and_what_comes_later_is() -> None:
    command = [sys.executable, "-c", PROGRAM]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told == ["False", "True"]
