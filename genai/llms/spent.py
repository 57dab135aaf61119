"""Attaches the usage of a failed call to its error, or to the cancellation that ends it.

Attributes of an error survive the border between processes. So a caller that falls back or gives up
still knows what has to be paid. Those of a cancellation only live within a process.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from genai.errors import CutOff, GenAIError
from genai.messages import Usage

LAST_WORD_S = 0.5
"""Callers wait for a whole answer this much longer than its deadline. Whoever makes the answer gives up at
the deadline, and that error, not the caller's own timeout, knows what was spent."""

Ending = GenAIError | asyncio.CancelledError
ENDINGS = (GenAIError, asyncio.CancelledError)


def note_spent(error: Ending, usage: Usage) -> None:
    """Add ``usage`` to the usage that the error carries."""
    if usage == Usage():
        return
    error.__dict__["spent"] = (spent_by(error) or Usage()) + usage


def set_spent(error: Ending, usage: Usage) -> None:
    """Replace the usage that the error carries. No usage of a call that was cut off means: unknown."""
    forget_spent(error)
    if usage != Usage() or not was_cut_off(error):
        error.__dict__["spent"] = usage


def forget_spent(error: Ending) -> None:
    """Mark the usage as unknown."""
    error.__dict__.pop("spent", None)


def spent_by(error: BaseException) -> Usage | None:
    """The usage that the error carries; None when it carries none."""
    spent: Usage | None = vars(error).get("spent")
    return spent


def was_cut_off(error: BaseException) -> bool:
    """Whether the call was ended from outside, so that an error without usage means: unknown."""
    return isinstance(error, CutOff | asyncio.CancelledError)


@contextmanager
def noted(usage: Usage) -> Iterator[None]:
    """Add ``usage``, spent before the block, to every error or cancellation that leaves it."""
    try:
        yield
    except ENDINGS as error:
        note_spent(error, usage)
        raise
