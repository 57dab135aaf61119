"""Keeps what is written for an erased user out of Redis, while requests of that user still run.

    {tenant}|erased|<SHA-1 of the user>    for an hour after an erasure, or until the user has a new key

Scripts that store data of a user check this mark first. Those of the money ledger compute its key themselves.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from genai.errors import Unauthenticated
from genai.memory.names import key_of
from genai.memory.store import Command

T = TypeVar("T")

MARKED_FOR_S = 3600
"""Longer than any request or attempt of a run."""

UNLESS_ERASED = "if redis.call('EXISTS', KEYS[#KEYS]) == 1 then return 'erased' end\n"
"""Begins a script whose last key is the `erased_mark` of the user for whom it stores something."""


def erased_mark(tenant: str, user: str) -> str:
    # Redis scripts only have SHA-1. The digest does not protect names that can be guessed.
    digest = hashlib.sha1(user.encode(), usedforsecurity=False).hexdigest()
    return key_of(tenant, "erased", digest)


def marking(tenant: str, user: str) -> Command[bool]:
    return Command(("SET", erased_mark(tenant, user), 1, "EX", MARKED_FOR_S), bool)


def unmarking(tenant: str, user: str) -> Command[int]:
    return Command(("DEL", erased_mark(tenant, user)), int)


def unless_erased(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """Parses the reply of a script that begins with `UNLESS_ERASED`: raises `Unauthenticated` if nothing
    was stored, because the user was erased."""

    def parsed(reply: Any) -> T:
        if reply == b"erased":
            raise Unauthenticated("the API key is no longer valid")
        return parse(reply)

    return parsed
