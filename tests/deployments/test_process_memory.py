"""In processes of their own: what one has loaded, it has for good."""

import subprocess
import sys

LOADED = """
import gc
from weakref import ref
from deployments.process_memory import freeze_and_trim

class Knot:
    def __init__(self):
        self.itself = self

gc.disable()
loaded = [Knot() for _ in range(1000)]
freeze_and_trim()
freeze_and_trim()
looked_at = {id(one) for one in gc.get_objects()}
print(any(id(one) in looked_at for one in loaded))
later = ref(Knot())
gc.collect()
print(later() is None)
"""

FREED = """
import threading, time
import psutil
from deployments import process_memory

def resident():
    return psutil.Process().memory_info().rss

blocks = [bytes(100_000) for _ in range(1000)]
last = bytes(100_000)  # above them, so that they are not the end of the heap
del blocks
held = resident()
process_memory.TRIM_EVERY_S = 0.01
process_memory.freeze_and_trim()
process_memory.freeze_and_trim()
until = time.monotonic() + 20
while resident() > held - 50_000_000 and time.monotonic() < until:
    time.sleep(0.01)
print(resident() <= held - 50_000_000)
print(sum(thread.name == "memory" for thread in threading.enumerate()))
"""


def told(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_what_was_loaded_is_not_looked_at_again_and_what_comes_later_is() -> None:
    assert told(LOADED) == ["False", "True"]


def test_what_is_free_goes_back_to_the_system_by_one_thread() -> None:
    assert told(FREED) == ["True", "1"]
