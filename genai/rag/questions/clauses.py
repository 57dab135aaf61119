"""Extracts the asking clauses of a question.

*My passport ran out last week, what now?* begins with a statement, which is left out.
"""

import re

_ENDS = re.compile(r"(?<=[.?!,;:])\s+|\s+[\u2013-]\s+")
_ASKS = re.compile(
    r"\b(?:what|which|how|who|whom|whose|when|where|why)\b"
    r"|^\W*(?:and |or |but |so )?(?:do|does|did|is|are|was|were|can|could|may|must|should|will|would)\b",
    re.IGNORECASE,
)


def asking(question: str) -> str:
    """The asking clauses; the whole question if there are none."""
    return " ; ".join(filter(_ASKS.search, _ENDS.split(question))) or question
