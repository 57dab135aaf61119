"""Counts people with a given name: "customers named Novak". The model would look for a full name."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from genai.analyst.compositions.conditions import with_condition

_LAST: Final = r"(?:last|family) ?name|surname"
CALLED: Final = re.compile(
    r"(?: who| that| which)?(?: (?:are|is|were|have|has|share|with|bear))*"
    rf"(?: (?P<any>(?:first )?names?d?|called)| (?:the |a )?(?:same |common )?(?P<last>{_LAST}))(?: is| of)?"
    r" (?P<name>(?-i:[A-Z][a-z]+(?:-[A-Z][a-z]+)?)\b)(?! (?-i:[A-Z]))",
    re.IGNORECASE,
)
COUNTS: Final = re.compile(
    r"^(?:how many|(?:the )?(?:number|count) of) (?:of )?(?:our |the )?", re.IGNORECASE
)
COUNTED: Final = re.compile(
    r"^SELECT COUNT\(\*\) AS \w+ FROM \w+ (?P<alias>\w)(?: WHERE (?!.* OR ).*)?$"
)


def surname(question: str, column: str) -> tuple[str, Callable[[str], str | None]] | None:
    """The question without the name, and the function that searches for it in ``column``."""
    called = CALLED.search(question)
    if called is None or not COUNTS.match(question):
        return None
    rest = f"{question[: called.start()]}{question[called.end() :]}".strip(" ,?.")
    asked = f"How many {COUNTS.sub('', rest)} are there?"
    return asked, partial(_looking, column, called["name"], bool(called["last"]))


def _looking(column: str, name: str, last: bool, query: str) -> str | None:
    """As a last name, or as first or last name if the question does not say which."""
    found = COUNTED.match(query)
    if found is None or not column.startswith(f"{found['alias']}."):
        return None
    test = f"{column} LIKE '% {name}'"
    if not last:
        test = f"({test} OR {column} LIKE '{name} %')"
    return with_condition(query, test)
