"""The letters and digits of a text, without anything that a model could put between them.

AKIA **IOSF** ODNN<br>7EXA ──▶ AKIAIOSFODNN7EXA, of four pieces
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from genai.safety.normalise import LOOK_ALIKES

_NO_PIECE = (
    r"<(?:!--|/?[A-Za-z])[^<>\x02]{0,60}>"
    r"|\x1b\[[0-9;]{0,8}m"
    r"|\\[A-Za-z]{2,16}(?=\{)"
    r"|\"[A-Za-z_][\w -]{0,24}\"[ \t]{0,2}:"
    r"|(?<=\n)[ \t]{0,4}\d{1,2}[.)][ \t]"
)
"""Tags, colours of terminals, commands of LaTeX, names of JSON properties, and numbers of list items."""

_PIECE = re.compile(rf"(?P<none>{_NO_PIECE})|[A-Za-z0-9]+|\x02")
_ANY_PIECE = re.compile(r"(?P<none>(?!))|[A-Za-z0-9]+|\x02")

_OPEN = re.compile(
    r"(?:\"(?:[A-Za-z_][\w -]{0,24}(?:\"[ \t]{0,2})?)?|<(?:[!/A-Za-z][^<>\x02]{0,62})?|\x1b(?:\[[0-9;]{0,8})?"
    r"|\\[A-Za-z]{0,16}|\n[ \t]{0,4}(?:\d{1,2}[.)]?)?)\Z"
)

FARTHEST = 24
"""Maximum characters between two pieces of the same data, apart from tags."""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """``positions`` has the position of each letter in the text. ``begins`` has the index of the first
    letter of each piece; ``far`` those pieces that are too far from the one before. ``whole`` means that
    nothing was left out as no piece.
    """

    letters: str
    positions: tuple[int, ...]
    begins: tuple[int, ...]
    far: tuple[int, ...]
    whole: bool

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The place in the text of the letters from ``first`` up to, without, ``last``."""
        return self.positions[first], self.positions[last - 1] + 1


def squeezes(text: str) -> tuple[Squeezed, ...]:
    """The text without what is no piece, and with it: data may also be in tags and names."""
    pieces = squeezed(text)
    return (pieces,) if pieces.whole else (pieces, squeezed(text, _ANY_PIECE))


def possible_ends(text: str) -> tuple[Squeezed, ...]:
    """The letters of a text that goes on: with and without its end, if that may become no piece."""
    begun = _OPEN.search(text, max(0, len(text) - 80))
    return *squeezes(text), squeezed(text[: begun.start()] if begun else text)


@lru_cache(maxsize=8)
def squeezed(text: str, piece: re.Pattern[str] = _PIECE) -> Squeezed:
    """Cached, because several checks read the same text."""
    parts: list[str] = []
    positions: list[int] = []
    begins: list[int] = []
    far: list[int] = []
    end, apart, whole = 0, False, True
    for match in piece.finditer(_in_ascii(text)):
        start, after = match.span()
        apart = apart or start - end > FARTHEST or match[0] == "\x02"
        end = after
        whole = whole and not match["none"]
        if match["none"] or match[0] == "\x02":
            continue
        if apart:
            far.append(len(positions))
        apart = False
        begins.append(len(positions))
        parts.append(match[0])
        positions.extend(range(start, after))
    return Squeezed("".join(parts), tuple(positions), tuple(begins), tuple(far), whole)


def _in_ascii(text: str) -> str:
    """The text with plain letters for look-alikes, in their places."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _letter(c) for c in text)


@lru_cache(maxsize=4_096)
def _letter(character: str) -> str:
    alike = LOOK_ALIKES.get(ord(character)) or unicodedata.normalize("NFKC", character)
    return alike if len(alike) == 1 else character
