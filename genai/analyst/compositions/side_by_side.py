"""Combines the queries of simpler questions: side by side, as a ratio, or as parts of a sum.

Each function returns None if the queries do not have the form that it needs.
"""

import re
from typing import Final

from genai.analyst.compositions.parts import SCALAR, together

MONTH: Final = re.compile(r"substr\((\w\.\w+), 1, 7\)(?= AS month|$| ORDER| LIMIT)")
DAYS: Final = " ".join(
    f"WHEN '{number}' THEN '{day}'"
    for number, day in enumerate(
        ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    )
)
IS: Final = re.compile(r"(?P<column>\w\.\w+) = (?P<value>'[^']*')")
GROUPED: Final = re.compile(
    r"^SELECT (?P<group>.+?), (?P<number>COUNT\(\*\)) AS \w+(?P<rest> FROM .* GROUP BY [^()]*?(?:\(.*?\))?)"
    r"(?P<order> ORDER BY 2(?: DESC)?)?$"
)
WENT_OUT: Final = re.compile(
    r"^SELECT ROUND\(-(?P<sum>SUM\(\w\.\w+\) / 100\.0, 2\)) AS (?P<name>\w+)"
    r"(?P<rest> FROM (?!.* GROUP BY ).*)$"
)
NEGATIVE: Final = re.compile(r"\w\.\w+ < 0(?: AND )?")
NAMES: Final = re.compile(
    r"^SELECT \((?P<first>.*)\) AS (?P<one>\w+), \((?P<second>.*)\) AS (?P<other>\w+)$"
)
CONDITIONS: Final = re.compile(r" WHERE (.*)$")


def both(first: str, second: str) -> str | None:
    """Two rows if the queries differ in one value only, else two columns."""
    if first == second or SCALAR.match(first) is None or SCALAR.match(second) is None:
        return None
    return _grouped(first, second) or together(first, second)


def ratio(first: str, second: str) -> str | None:
    return _computed(first, second, "ROUND(1.0 * {0} / {1}, 2) AS ratio")


def difference(first: str, second: str) -> str | None:
    unit = next(
        (u for u in ("eur", "percent", "days", "years", "months") if f"_{u} FROM" in first), ""
    )
    return _computed(
        first, second, "ROUND({0} - {1}, 2) AS difference" + (f"_{unit}" if unit else "")
    )


def share(part: str, whole: str) -> str | None:
    """A percentage, if the conditions of the part include those of the whole."""
    if " COUNT(*) " not in f"{part[6:]} " or _source(part) != _source(whole):
        return None
    if not _conditions(whole) < _conditions(part):
        return None
    return _computed(part, whole, "ROUND(100.0 * {0} / {1}, 2) AS percent")


def as_shares(counted: str) -> str | None:
    found = GROUPED.match(counted)
    if found is None:
        return None
    percent = "ROUND(100.0 * COUNT(*) / SUM(COUNT(*)) OVER (), 2) AS percent"
    return f"SELECT {found['group']}, {percent}{found['rest']}{found['order'] or ''}"


def netted(query: str, *, spent: str, net: str) -> str | None:
    """Rewrites a sum of spending. ``spent`` is its column name, ``net`` the one of the result."""
    found = WENT_OUT.match(query)
    if found is None or found["name"] != spent or not NEGATIVE.search(found["rest"]):
        return None
    rest = NEGATIVE.sub("", found["rest"], count=1).removesuffix(" WHERE ").removesuffix(" AND ")
    return f"SELECT ROUND({found['sum']} AS {net}{rest}"


def by_weekday(by_month: str) -> str | None:
    """Groups a query by month by day of the week instead."""
    if MONTH.search(by_month) is None or " GROUP BY substr(" not in by_month:
        return None
    return MONTH.sub(rf"CASE strftime('%w', \1) {DAYS} END", by_month).replace(
        " AS month", " AS weekday", 1
    )


def _computed(first: str, second: str, column: str) -> str | None:
    """Both numbers and a column computed from them."""
    numbers = together(first, second)
    found = NAMES.match(numbers or "")
    if first == second or found is None:
        return None
    one, other = found["one"], found["other"]
    return f"SELECT {one}, {other}, {column.format(one, other)} FROM ({numbers}) AS numbers"  # noqa: S608


def _grouped(first: str, second: str) -> str | None:
    """Turns ``k.type = 'debit'`` and ``k.type = 'credit'`` into two groups."""
    for one in IS.finditer(first):
        pattern = (
            re.escape(first[: one.start("value")])
            + r"('[^']*')"
            + re.escape(first[one.end("value") :])
        )
        if (other := re.fullmatch(pattern, second)) and first.count(" WHERE ") == 1:
            column = one["column"]
            among = f"{column} IN ({one['value']}, {other[1]})"
            rows = f"{first[: one.start()]}{among}{first[one.end() :]}"
            return f"SELECT {column}, {rows.removeprefix('SELECT ')} GROUP BY {column}"
    return None


def _source(sql: str) -> str:
    return sql.partition(" FROM ")[2].split(" ")[0]


def _conditions(sql: str) -> frozenset[str]:
    found = CONDITIONS.search(sql)
    return frozenset(found[1].split(" AND ")) if found else frozenset()
