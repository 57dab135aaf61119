"""Turns the query for an average into one for the median."""

import re
from typing import Final

from genai.analyst.compositions.conditions import with_condition

MEDIAN: Final = re.compile(r"\bmedian\b", re.IGNORECASE)
AVERAGE: Final = re.compile(
    r"^SELECT ROUND\((?P<sign>-?)AVG\((?P<value>(?:[^()]|\([^()]*\))+)\)(?P<scale> / 100\.0)?, \d\)"
    r" AS average_(?P<name>\w+) FROM (?P<rows>(?!.* (?:GROUP BY|LIMIT|OR) ).*)$"
)


def median(query: str) -> str | None:
    """Rewrites an average; of an even number of values, the mean of the middle two. `None` for any
    other query.
    """
    found = AVERAGE.match(query)
    if found is None:
        return None
    value = found["value"]
    known = with_condition(found["rows"], f"{value} IS NOT NULL")
    ranked = (
        f"SELECT {value} AS value, ROW_NUMBER() OVER (ORDER BY {value}) AS place,"  # noqa: S608
        f" COUNT(*) OVER () AS places FROM {known}"
    )
    return (
        f"SELECT ROUND({found['sign']}AVG(value){found['scale'] or ''}, 2) AS median_{found['name']}"  # noqa: S608
        f" FROM ({ranked}) AS ranked WHERE place IN ((places + 1) / 2, (places + 2) / 2)"
    )
