"""What a replica has loaded is never garbage, so Python need not look through it again and again.

Its collector looks at everything from time to time and nobody is answered meanwhile: for 0.2 s with the
300,000 objects of the documents' replica, in one answer of two hundred.
"""

import gc


def keep_what_is_loaded() -> None:
    """Take all that there is now for lasting. What comes later is collected as ever.

    Safe to call twice. Without a collection before, which would take as long as one that it avoids: the
    little that is garbage just then stays as well.
    """
    gc.freeze()
