"""The letters of a page with their positions, and the text that they form. In points, y upwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SPACE = 0.2
"""In letter sizes: a wider gap is a space."""


@dataclass(frozen=True, slots=True)
class Box:
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass(frozen=True, slots=True)
class Glyph:
    """A letter; ``key`` identifies it."""

    text: str
    box: Box
    size: float
    key: int

    @property
    def x(self) -> float:
        return (self.box.x0 + self.box.x1) / 2

    @property
    def y(self) -> float:
        return (self.box.y0 + self.box.y1) / 2


def in_rows(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """The letters by row from the top, each from left to right."""
    row: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        if row and row[0].y - glyph.y > 0.5 * max(row[0].size, 1.0):
            yield sorted(row, key=lambda glyph: glyph.box.x0)
            row = []
        row.append(glyph)
    if row:
        yield sorted(row, key=lambda glyph: glyph.box.x0)


def text_of(glyphs: Sequence[Glyph]) -> str:
    return " ".join(map(row_text, in_rows(glyphs)))


def row_text(row: Sequence[Glyph]) -> str:
    """The text of letters from left to right."""
    parts: list[str] = []
    end = None
    for glyph in row:
        if end is not None and glyph.box.x0 - end > _SPACE * glyph.size:
            parts.append(" ")
        parts.append(glyph.text)
        end = glyph.box.x1
    return " ".join("".join(parts).split())
