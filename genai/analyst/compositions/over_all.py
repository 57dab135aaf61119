"""Averages for each customer, over those without any as well.

A query that divides by the customers that its rows name leaves out every customer who has none.
"""

import re
from typing import Final

from genai.analyst import vocabulary

PER_HOLDER: Final = re.compile(
    r"^SELECT ROUND\(1\.0 \* COUNT\(\*\) / COUNT\(DISTINCT \w\.(?P<key>\w+)\), 2\) AS \w+"
    r"(?P<rest> FROM (?P<counted>\w+) (?:AS )?(?P<alias>\w)\b"
    r"(?!.* (?:GROUP BY|LIMIT) )(?:.*? WHERE (?P<tests>.*)|.*))$"
)
USED: Final = re.compile(r"(?<!\w)([a-z])\.[a-z_]+")
HOLDERS: Final = re.compile(
    r"\b(?:\w+holders?|holders?|owners?|borrowers?|debtors?|with|having|that|who|whose)\b",
    re.IGNORECASE,
)
"""Words that may restrict the average to those with some."""


class OverAll:
    """Knows the table of a key from ``told_apart`` of the vocabulary."""

    def __init__(self, words: vocabulary.Counted) -> None:
        self._tables = {
            column.partition(".")[2]: name
            for name, table in words.tables.items()
            for column in table.told_apart
        }

    def over_all(self, question: str, sql: str) -> str:
        """Divides by all rows of the table, unless the question or a condition may leave some out."""
        found = PER_HOLDER.match(sql)
        if found is None or found["key"] not in self._tables or HOLDERS.search(question):
            return sql
        if set(USED.findall(found["tests"] or "")) - {found["alias"]} or "SELECT" in found["rest"]:
            return sql
        table, one = self._tables[found["key"]], found["key"].removesuffix("_id")
        return (
            f"SELECT ROUND(1.0 * COUNT(*) / (SELECT COUNT(*) FROM {table}), 2)"  # noqa: S608
            f" AS average_{found['counted']}_per_{one}{found['rest']}"
        )
