"""Attaches the usage of a failed call to its error, or to the cancellation that ends it.

Attributes of an error survive the border between processes. So a caller that falls back or gives up
still knows what has to be paid. Those of a cancellation only live within a process.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from genai.errors import CutOff, GenAIError
from genai.messages import Usage

GRACE_S = 0.5
"""Callers wait so much longer than the deadline. The model's own timeout then comes first, and its error
carries the usage, unlike a timeout of the caller."""

Ending = GenAIError | asyncio.CancelledError
ENDINGS = (GenAIError, asyncio.CancelledError)


def note_spent(error: Ending, usage: Usage) -> None:
    """Add ``usage`` to the usage that the error carries."""
    if usage == Usage():
        return
    error.__dict__["spent"] = (spent_by(error) or Usage()) + usage


def set_spent(error: Ending, usage: Usage) -> None:
    """Replace the usage that the error carries. If the call was cut off, empty usage means unknown."""
    forget_spent(error)
    if usage != Usage() or not was_cut_off(error):
        error.__dict__["spent"] = usage


def set_all_spent(error: BaseException, usage: Usage | None) -> None:
    """Have the error carry all that was used; empty usage means nothing, also after a cut-off. None, for
    unknown, changes nothing.
    """
    if usage is not None:
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
