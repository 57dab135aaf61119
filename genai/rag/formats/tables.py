"""Finds the tables on a page, by the lines drawn around cells or by aligned columns."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genai.rag.formats.glyphs import Box, Glyph, in_rows, row_text, text_of

_NEAR = 2.0
"""Maximum distance in points at which lines meet."""

_MAX_EDGES = 1_500
"""A page with more lines is taken as a drawing."""

_GAP = 1.2
"""In letter sizes: a wider gap separates columns."""

_ROW_GAP = 2.6
"""In letter sizes: rows that are further apart belong to different tables."""

_SHORT = 18
"""Maximum average letters per cell outside the first column; columns of prose have more."""

_MIN_ALIGNED = 3
"""Minimum rows with the same alignment."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line: at ``at`` on one axis, from ``start`` to ``end`` on the other."""

    horizontal: bool
    at: float
    start: float
    end: float

    def meets(self, other: "Edge") -> bool:
        if self.horizontal == other.horizontal:
            aligned = abs(self.at - other.at) <= _NEAR
            return aligned and self.start <= other.end + _NEAR and other.start <= self.end + _NEAR
        return other.covers(self.at) and self.covers(other.at)

    def covers(self, place: float) -> bool:
        return self.start - _NEAR <= place <= self.end + _NEAR


@dataclass(frozen=True, slots=True)
class PlacedTable:
    rows: tuple[tuple[str, ...], ...]
    top: float
    keys: frozenset[int]
    """The keys of the letters in it."""


def find_tables(edges: Sequence[Edge], glyphs: Sequence[Glyph]) -> list[PlacedTable]:
    """Finds ruled tables first, then aligned ones among the other letters."""
    ruled = [table for group in _groups(edges) if (table := _ruled(group, glyphs))]
    taken = frozenset[int]().union(*(table.keys for table in ruled))
    return [*ruled, *_aligned([glyph for glyph in glyphs if glyph.key not in taken])]


def _groups(edges: Sequence[Edge]) -> Iterator[list[Edge]]:
    """Groups of lines that are connected."""
    rest = list(edges) if len(edges) <= _MAX_EDGES else []
    while rest:
        group, waiting = [], [rest.pop()]
        while waiting:
            edge = waiting.pop()
            group.append(edge)
            near = [other for other in rest if edge.meets(other)]
            rest = [other for other in rest if not edge.meets(other)]
            waiting += near
        yield group


def _ruled(edges: Sequence[Edge], glyphs: Sequence[Glyph]) -> PlacedTable | None:
    xs = _merged(edge.at for edge in edges if not edge.horizontal)
    ys = _merged(edge.at for edge in edges if edge.horizontal)
    if len(xs) < 3 or len(ys) < 3:
        return None
    frame = Box(xs[0], ys[0], xs[-1], ys[-1])
    inside = [glyph for glyph in glyphs if frame.holds(glyph.x, glyph.y)]
    bands: list[list[Glyph]] = [[] for _ in ys[1:]]
    for glyph in inside:
        bands[min(bisect_right(ys, glyph.y), len(ys) - 1) - 1].append(glyph)
    uprights = [edge for edge in edges if not edge.horizontal]
    rows = tuple(
        _cells(band, xs, [edge for edge in uprights if edge.covers((ys[i] + ys[i + 1]) / 2)])
        for i, band in reversed(list(enumerate(bands)))
    )
    return _table(rows, frame.y1, inside) if _is_table(rows) else None


def _cells(band: Sequence[Glyph], xs: list[float], edges: Sequence[Edge]) -> tuple[str, ...]:
    """A cell extends to the next line drawn beside this row."""
    drawn = [any(abs(edge.at - x) <= _NEAR for edge in edges) for x in xs]
    cells: list[list[Glyph]] = [[] for _ in xs[1:]]
    for glyph in band:
        column = min(max(bisect_right(xs, glyph.x) - 1, 0), len(cells) - 1)
        while column > 0 and not drawn[column]:
            column -= 1
        cells[column].append(glyph)
    return tuple(map(text_of, cells))


def _aligned(glyphs: Sequence[Glyph]) -> Iterator[PlacedTable]:
    run: list[list[list[Glyph]]] = []
    for row in in_rows(glyphs):
        segments = _segments(row)
        near = not run or run[-1][0][0].y - row[0].y <= _ROW_GAP * row[0].size
        if len(segments) > 1 and near:
            run.append(segments)
            continue
        yield from _table_of(run)
        run = [segments] if len(segments) > 1 else []
    yield from _table_of(run)


def _segments(row: Sequence[Glyph]) -> list[list[Glyph]]:
    """The parts of a row between wide gaps."""
    segments: list[list[Glyph]] = []
    for glyph in row:
        if glyph.text.isspace():
            continue
        if segments and glyph.box.x0 - segments[-1][-1].box.x1 <= _GAP * glyph.size:
            segments[-1].append(glyph)
        else:
            segments.append([glyph])
    return segments


def _table_of(run: list[list[list[Glyph]]]) -> Iterator[PlacedTable]:
    if len(run) < _MIN_ALIGNED:
        return
    starts = _columns([segment for row in run for segment in row])
    rows = tuple(_aligned_row(row, starts) for row in run)
    further = [cell for row in rows for cell in row[1:] if cell]
    if _is_table(rows) and sum(map(len, further)) <= _SHORT * len(further):
        glyphs = [glyph for row in run for segment in row for glyph in segment]
        yield _table(rows, run[0][0][0].box.y1, glyphs)


def _columns(segments: Sequence[Sequence[Glyph]]) -> list[float]:
    """The starts of the columns: segments that overlap from row to row are one column."""
    starts: list[float] = []
    end = float("-inf")
    for start, stop in sorted((s[0].box.x0, s[-1].box.x1) for s in segments):
        if start > end:
            starts.append(start)
        end = max(end, stop)
    return starts


def _aligned_row(row: Sequence[Sequence[Glyph]], starts: list[float]) -> tuple[str, ...]:
    cells = [""] * len(starts)
    for segment in row:
        column = bisect_right(starts, segment[0].box.x0) - 1
        cells[column] = f"{cells[column]} {row_text(segment)}".strip()
    return tuple(cells)


def _table(rows: tuple[tuple[str, ...], ...], top: float, glyphs: Sequence[Glyph]) -> PlacedTable:
    return PlacedTable(rows, top, frozenset(glyph.key for glyph in glyphs))


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    full = sum(any(row) for row in rows)
    columns = sum(any(column) for column in zip(*rows, strict=True))
    return full > 1 and columns > 1


def _merged(places: Iterator[float]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > 2 * _NEAR:
            merged.append(place)
    return merged
