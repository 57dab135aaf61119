"""What a call had cost when it failed, carried by its error.

An error keeps its attributes when it crosses a process border, so a caller who falls back, or gives
up, still knows what is to be paid.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from genai.errors import GenAIError
from genai.messages import Usage


def note_spent(error: GenAIError, usage: Usage) -> None:
    """Add to what the error says was spent."""
    if usage == Usage():
        return
    error.__dict__["spent"] = (spent_by(error) or Usage()) + usage


def set_spent(error: GenAIError, usage: Usage) -> None:
    """Have the error say this, whatever it said before: for who has added everything up."""
    error.__dict__.pop("spent", None)
    note_spent(error, usage)


def spent_by(error: GenAIError) -> Usage | None:
    """What was spent before the error, or None when nobody knows of anything."""
    spent: Usage | None = vars(error).get("spent")
    return spent


@contextmanager
def noted(usage: Usage) -> Iterator[None]:
    """Note ``usage`` on every error that leaves the block: it was spent before."""
    try:
        yield
    except GenAIError as error:
        note_spent(error, usage)
        raise
