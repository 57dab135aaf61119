"""Adds ties to rankings: two customers may have the most cards.

``ORDER BY ... LIMIT 1`` returns only one of them.
"""

import re
from collections.abc import Sequence
from typing import Final

from genai.analyst.select_list import selected

SO_FAR: Final = "ranked_so_far"
"""The column that counts the rows up to and including this rank."""
RANKED: Final = re.compile(
    r"^SELECT (?P<columns>(?!\().+?)(?P<rest> FROM (?!\().+?) ORDER BY (?P<by>.+?)(?P<down> DESC)? LIMIT \d+$"
)


def with_ties(sql: str) -> str:
    """Adds a column that reveals ties; other queries are returned unchanged."""
    found = RANKED.match(sql)
    if found is None or sql.count("SELECT") > 1 or "DISTINCT" in sql:
        return sql
    by = found["by"]
    if by.isdigit():
        by = selected(sql)[int(by) - 1]
    so_far = f"COUNT(*) OVER (ORDER BY {by}{found['down'] or ''}) AS {SO_FAR}"
    return f"SELECT {found['columns']}, {so_far}{sql[found.start('rest') :]}"


def tied(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A note about ties at the last rank; empty without ties."""
    if SO_FAR not in columns or not rows:
        return ""
    so_far = rows[-1][columns.index(SO_FAR)]
    more = int(so_far) - len(rows) if so_far.isdigit() else 0
    if more <= 0:
        return ""
    return f"{more} more {'has' if more == 1 else 'have'} the same, and could stand here as well."
