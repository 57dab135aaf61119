"""Hints: known questions that the author of a document lists beside the section that answers them.

Customers use other words than documents. A comment under a heading, invisible to readers, lists their
questions, one per line::

    ## Withdrawals abroad

    <!-- asked
    what does it cost to get cash on holiday?
    is there a fee at a foreign machine?
    -->

    <!-- not answered
    what is the exchange rate today?
    -->

``asked`` helps to find the section; ``not answered`` helps to decline questions that only seem answered.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genai.rag.passages.markdown import Block

_COMMENT = re.compile(r"\s*<!--\s*(asked|not answered)\b:?(.*?)-->", re.DOTALL | re.IGNORECASE)


class Hints(NamedTuple):
    """Questions that a section answers, and others that it may seem to answer."""

    asked: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


def read_hints(text: str, blocks: Sequence[Block]) -> Hints:
    """The hints in the comments of a section; other comments are ignored."""
    found: dict[str, list[str]] = {"asked": [], "not answered": []}
    for block in blocks:
        match = _COMMENT.match(text, block.start, block.end) if block.kind == "comment" else None
        if match:
            found[match[1].lower()] += _questions(match[2].splitlines())
    return Hints(tuple(found["asked"]), tuple(found["not answered"]))


def without_hints(text: str) -> str:
    return _COMMENT.sub("", text)


def _questions(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]
