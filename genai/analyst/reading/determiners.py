"""Words that begin a noun phrase."""

from typing import Final

DETERMINERS: Final = frozenset(
    (
        *("the", "a", "an", "this", "that", "these", "those"),
        *("my", "our", "your", "his", "her", "its", "their"),
    )
)
