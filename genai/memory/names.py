"""Builds and validates Redis keys.

Every key begins with its tenant as a hash tag ``{tenant}``: a Redis cluster keeps all keys of a tenant on
one node, so that one script may use several. The separator cannot occur in a part, so keys never collide.
"""

import re

from genai.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")

_SEPARATOR = "|"


def checked(name: str, param: str) -> str:
    """``name``, unchanged. Raises `InvalidInput` for ``param`` when it may not be part of a key, nor of
    paths and logs: anything else could be a pattern, a path or an injection.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{param} must be a letter or digit, and up to 127 more or any of _ . : -",
            param,
        )
    return name


def key_of(tenant: str, kind: str, *parts: str) -> str:
    """The key of a tenant's object. Parts that come from callers must have been `checked`."""
    return _SEPARATOR.join((f"{{{tenant}}}", kind, *parts))
