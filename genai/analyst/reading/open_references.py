"""Words that refer to something that the question itself does not name: *how many customers have one?*

A model ignores them, and a similar example has none: all customers would be counted.
"""

import re
from typing import Final

_ENDS: Final = (
    r"(?=\s*(?:[?.!,;:]|$)"
    r"|\s+(?:now|today|right now|at the moment|(?:in|during|last|this|since)\s))"
)
_TAKING: Final = (
    r"(?:ha(?:ve|s|d|ving)|own(?:s|ed)?|hold(?:s|ing)?|held|us(?:es?|ed|ing)|took|takes?|g[eo]ts?|wants?|pays?"
    r"|(?:paid|made|opened|signed|asked)(?: (?:by|for|in|up|with))?|with|without|like|by|for)"
)
_STANDS_FOR: Final = re.compile(
    rf"\b{_TAKING} (?:it|this|that|these|those|them|one|both|another|some|any|more|such|ones){_ENDS}"
    r"|\b(?:liv(?:e|es|ed|ing)|based|opened|registered|made|held|working) there\b",
    re.IGNORECASE,
)


def has_open_reference(question: str) -> bool:
    """Whether the question has a pronoun without a referent."""
    return _STANDS_FOR.search(question) is not None
