"""Applies stop words to generated text, for engines that do not support them."""

from collections.abc import Sequence


class StopWords:
    """Takes text piece by piece; releases what certainly precedes the first stop word."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """The text that can be released; nothing after a stop word."""
        if self.found:
            return ""
        self._held += text
        starts = [start for word in self._words if (start := self._held.find(word)) >= 0]
        self.found = bool(starts)
        cut = min(starts) if starts else len(self._held) - self._begun()
        passed, self._held = self._held[:cut], self._held[cut:]
        return passed

    def rest(self) -> str:
        """The text held back at the end."""
        return "" if self.found else self._held

    def _begun(self) -> int:
        """The length of the longest suffix that may begin a stop word."""
        return max(
            (
                size
                for word in self._words
                for size in range(1, min(len(word), len(self._held) + 1))
                if self._held.endswith(word[:size])
            ),
            default=0,
        )
