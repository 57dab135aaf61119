"""Ends a text at the first of some words, for models that do not know how to."""

from collections.abc import Sequence


class StopWords:
    """Takes text piece by piece; passes on what certainly stands before the first stop word."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """What can be passed on. After a stop word was found, nothing more."""
        if self.found:
            return ""
        self._held += text
        starts = [start for word in self._words if (start := self._held.find(word)) >= 0]
        self.found = bool(starts)
        cut = min(starts) if starts else len(self._held) - self._begun()
        passed, self._held = self._held[:cut], self._held[cut:]
        return passed

    def rest(self) -> str:
        """What was held back at the end of the text."""
        return "" if self.found else self._held

    def _begun(self) -> int:
        """Length of the longest end of the text with which a stop word may begin."""
        return max(
            (
                size
                for word in self._words
                for size in range(1, min(len(word), len(self._held) + 1))
                if self._held.endswith(word[:size])
            ),
            default=0,
        )
