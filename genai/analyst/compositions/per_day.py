"""Daily averages: the total of a period, divided by the number of its days."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Final

from genai.analyst.compositions.parts import SCALAR
from genai.analyst.reading.alternatives import Find
from genai.worked_examples.periods import EARLIEST, Period

A_DAY: Final = re.compile(r",? (?:per|each|every|a) (?:calendar )?day\b", re.IGNORECASE)
ON_AVERAGE: Final = re.compile(r",? on average\b", re.IGNORECASE)
AVERAGE_OF: Final = re.compile(
    r"^(?:what(?:'s| is| was) )?(?:the )?average number of |^how many\b", re.IGNORECASE
)
HOW_MUCH: Final = re.compile(r"^how (?:many|much)\b", re.IGNORECASE)
ADDS_UP: Final = re.compile(r"^SELECT (?:COUNT\(\*\)|ROUND\(-?SUM\()")
SHORTEST: Final = 2


def per_day(
    question: str, find: Find, today: date
) -> tuple[str, Callable[[str], str | None]] | None:
    """The question for the total, and the function that divides it. `None` if the period is open or not
    over.
    """
    if not A_DAY.search(question) or "average" not in question.lower():
        return None
    times = [m.kinds["period"] for m in find(question) if "period" in m.kinds]
    core = AVERAGE_OF.sub("How many ", ON_AVERAGE.sub("", A_DAY.sub("", question)))
    core = " ".join(core.split())
    if len(times) != 1 or not isinstance(times[0], Period) or not HOW_MUCH.match(core):
        return None
    begins, ends = times[0].start, times[0].end
    days = (ends - begins).days
    if begins == EARLIEST or days < SHORTEST or ends > today + timedelta(days=1):
        return None
    return f"{core}?", partial(_by_days, days)


def _by_days(days: int, query: str) -> str | None:
    scalar = SCALAR.match(query)
    if scalar is None or not ADDS_UP.match(query):
        return None
    name = scalar["name"]
    told = f"{name.removesuffix('_eur')}_per_day{'_eur' if name.endswith('_eur') else ''}"
    return f"SELECT ROUND(1.0 * ({query}) / {days}, 2) AS {told}"
