"""What a replica does about its memory once it has loaded what it works with.

What is loaded is never garbage, so Python need not look through it again and again. Its collector looks
at everything from time to time, and nobody is answered meanwhile: for 0.2 s with the 300,000 objects of
the documents' replica, in one answer of two hundred.

What is free goes back to the system. The allocator of the C library keeps what threads have freed: some
30 MB in the replica of the documents, more after each burst. To give it back takes 3 to 5 ms.
"""

import ctypes
import gc
import threading
import time
from functools import cache

EVERY_S = 10.0


def settle() -> None:
    """Take all that there is now for lasting. What comes later is collected as ever.

    Safe to call twice. Without a collection before, which would take as long as one that it avoids: the
    little that is garbage just then stays as well.
    """
    gc.freeze()
    _giving_back()


@cache
def _giving_back() -> threading.Thread | None:
    """One thread in a process; none where the C library cannot do it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return None

    def give_back() -> None:
        while True:
            time.sleep(EVERY_S)
            trim(0)

    thread = threading.Thread(target=give_back, name="memory", daemon=True)
    thread.start()
    return thread
