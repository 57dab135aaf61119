"""Stop words for models that do not support them."""

from collections.abc import Sequence


class StopWords:
    """Takes text piece by piece. Holds back what may be the beginning of a stop word."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._buffer = ""
        self.found = False

    def feed(self, text: str) -> str:
        """The text that can be sent on; empty once a stop word was found."""
        if self.found:
            return ""
        self._buffer += text
        starts = [start for word in self._words if (start := self._buffer.find(word)) >= 0]
        self.found = bool(starts)
        cut = min(starts) if starts else len(self._buffer) - self._partial_match()
        passed, self._buffer = self._buffer[:cut], self._buffer[cut:]
        return passed

    def rest(self) -> str:
        """The text held back, at the end of the input."""
        return "" if self.found else self._buffer

    def _partial_match(self) -> int:
        """Length of the longest suffix of the buffer that is a prefix of a stop word."""
        return max(
            (
                size
                for word in self._words
                for size in range(1, min(len(word), len(self._buffer) + 1))
                if self._buffer.endswith(word[:size])
            ),
            default=0,
        )
