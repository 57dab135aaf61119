"""Names of keys in Redis.

Every key begins with its tenant, in the braces that make a Redis cluster keep all keys of a tenant
on one node, so that one script may touch several. Parts are joined by a character that no part may
contain: no choice of names makes the keys of two things equal.
"""

import re

from genai.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")

_SEPARATOR = "|"


def checked(name: str, param: str) -> str:
    """The name itself. Raises `InvalidInput` naming ``param`` when it may not be part of a key."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{param} must be 1 to 128 letters, digits or any of _ . : -",
            param,
        )
    return name


def key_of(tenant: str, kind: str, *parts: str) -> str:
    """The key of one thing of a tenant. The parts must have been `checked`, or be our own."""
    return _SEPARATOR.join((f"{{{tenant}}}", kind, *parts))
