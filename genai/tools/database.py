"""The interface between the SQL tool and a database: its schema, and the execution of one guarded SELECT."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

Cell = str | int | float | None

SEPARATOR: Final = " | "
MAX_CELL: Final = 200
MAX_TEXT: Final = 3500


@dataclass(frozen=True, slots=True)
class Column:
    """``references`` is ``table.column`` for a foreign key; ``samples`` are example values."""

    name: str
    type: str
    comment: str = ""
    references: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """The readable tables, with names as in the database."""

    tables: tuple[Table, ...]

    def only(self, names: Sequence[str]) -> "Schema":
        """The schema of the named tables, or of all tables if none is named."""
        return Schema(tuple(t for t in self.tables if not names or t.name in names))

    def describe(self) -> str:
        """The schema for a prompt: one line per table, one indented line per column."""
        return "\n".join(line for table in self.tables for line in _lines(table))


@dataclass(frozen=True, slots=True)
class Rows:
    """``cut`` is true if the query had more rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False

    def text(self) -> str:
        """A header, one line per row, and a last line with the number of rows.

        Truncated, with a note, if the text would be too long for a model.
        """
        lines = [SEPARATOR.join(self.columns)]
        size = 0
        for row in self.rows:
            line = SEPARATOR.join(map(as_text, row))
            size += len(line) + 1
            if size > MAX_TEXT:
                break
            lines.append(line)
        return "\n".join([*lines, self._count(len(lines) - 1)])

    def _count(self, shown: int) -> str:
        noun = "row" if shown == 1 else "rows"
        more = self.cut or shown < len(self.rows)
        return f"(first {shown} {noun}, there are more)" if more else f"({shown} {noun})"


class Database(Protocol):
    """Executes only reads, whatever SQL it gets: the second line of defence behind the guard."""

    dialect: str

    async def async_schema(self) -> Schema:
        """Returns every readable table. Raises `BackendFailed`."""
        ...

    async def async_select(self, sql: str, *, max_rows: int, timeout_s: float) -> Rows:
        """Runs one SELECT. Cancelling the call stops the query in the database.

        Raises `InvalidInput`, with a hint for the author of the SQL, if the database rejects it or it
        takes too long, and `BackendFailed` if the database cannot be reached.
        """
        ...


def as_text(cell: Cell) -> str:
    """A value on one line, without separators or line breaks."""
    if cell is None:
        return "NULL"
    if isinstance(cell, float):
        return repr(cell)
    text = " ".join(str(cell).replace(SEPARATOR.strip(), "/").split())
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}..."


def _lines(table: Table) -> list[str]:
    head = f"{table.name}: {table.comment}" if table.comment else table.name
    return [head, *(f"  {_column(column)}" for column in table.columns)]


def _column(column: Column) -> str:
    parts = [f"{column.name} {column.type}"]
    if column.references:
        parts.append(f"-> {column.references}")
    if column.samples:
        parts.append(f"one of: {', '.join(column.samples)}")
    if column.comment:
        parts.append(f"({column.comment})")
    return " ".join(parts)
