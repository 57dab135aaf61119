"""Attaches the usage of a failed call to its error.

Attributes of an error survive the border between processes. So a caller that falls back or gives up
still knows what has to be paid.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from genai.errors import GenAIError
from genai.messages import Usage


def note_spent(error: GenAIError, usage: Usage) -> None:
    """Add ``usage`` to the usage that the error carries."""
    if usage == Usage():
        return
    error.__dict__["spent"] = (spent_by(error) or Usage()) + usage


def set_spent(error: GenAIError, usage: Usage) -> None:
    """Replace the usage that the error carries."""
    error.__dict__.pop("spent", None)
    note_spent(error, usage)


def spent_by(error: GenAIError) -> Usage | None:
    """The usage that the error carries; None when it carries none."""
    spent: Usage | None = vars(error).get("spent")
    return spent


@contextmanager
def noted(usage: Usage) -> Iterator[None]:
    """Add ``usage``, spent before the block, to every `GenAIError` that leaves it."""
    try:
        yield
    except GenAIError as error:
        note_spent(error, usage)
        raise
