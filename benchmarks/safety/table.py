"""Markdown tables."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: str = ""

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", *map(_line, (self.columns, ["---"] * len(self.columns)))]
        lines += map(_line, self.rows)
        return "\n".join([*lines, "", self.notes, ""] if self.notes else [*lines, ""])


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
