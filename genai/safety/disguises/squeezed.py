"""The letters and digits of a text, without anything that a model could put between them.

AKIA **IOSF** ODNN<br>7EXA ──▶ AKIAIOSFODNN7EXA, of four pieces
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PIECE = re.compile(r"<(?:!--|/?[A-Za-z])[^<>\x02]{0,60}>|[A-Za-z0-9]+|\x02")

FARTHEST = 24
"""Maximum characters between two pieces of the same data, apart from tags."""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """``positions`` has the position of each letter in the text. ``begins`` has the index of the first
    letter of each piece; ``far`` those pieces that are too far from the one before.
    """

    letters: str
    positions: tuple[int, ...]
    begins: tuple[int, ...]
    far: tuple[int, ...]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The place in the text of the letters from ``first`` up to, without, ``last``."""
        return self.positions[first], self.positions[last - 1] + 1


@lru_cache(maxsize=4)
def squeezed(text: str) -> Squeezed:
    """Cached, because several checks read the same text."""
    parts: list[str] = []
    positions: list[int] = []
    begins: list[int] = []
    far: list[int] = []
    end, apart = 0, False
    for match in _PIECE.finditer(text):
        start, after = match.span()
        apart = apart or start - end > FARTHEST or match[0] == "\x02"
        end = after
        if match[0][0] in "<\x02":
            continue
        if apart:
            far.append(len(positions))
        apart = False
        begins.append(len(positions))
        parts.append(match[0])
        positions.extend(range(start, after))
    return Squeezed("".join(parts), tuple(positions), tuple(begins), tuple(far))
