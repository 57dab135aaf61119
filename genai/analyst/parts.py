"""Two questions in one: "how many cards are blocked, and how many have expired?" """

import re
from typing import Final

JOINT: Final = re.compile(
    r"(?:\s*[,;]\s*|\s+)(?:and|plus|as well as)(?: also)?\s+"
    r"(?=(?:how (?:many|much)|what(?:'s| is| are)|the (?:number|total|average))\b)",
    re.IGNORECASE,
)
ASKS: Final = re.compile(
    r"\b(?:how (?:many|much)|what(?:'s| is| are)|number|total|average|count)\b", re.IGNORECASE
)
SCALAR: Final = re.compile(
    r"^SELECT (?:COUNT|ROUND|SUM|AVG|MIN|MAX)\((?:(?!, [a-z]+\.)(?! AS ).)* AS (?P<name>\w+)"
    r" FROM (?!.*\b(?:GROUP BY|LIMIT)\b)"
)
"""One number: no group, no list, no second column."""

TEXT: Final = re.compile(r"'([^'%]*[A-Za-z][^'%]*)%?'")


def two_parts(question: str) -> tuple[str, str] | None:
    """None where it is one question, such as for the number of cards *and loans*."""
    found = list(JOINT.finditer(question))
    if len(found) != 1:
        return None
    first, second = question[: found[0].start()], question[found[0].end() :]
    return (f"{first.rstrip('?')}?", second) if ASKS.search(first) else None


def together(first: str, second: str) -> str | None:
    """One query for two that find a single number each; None for others."""
    one, other = SCALAR.match(first), SCALAR.match(second)
    if one is None or other is None:
        return None
    names = (_name(one["name"], first), _name(other["name"], second))
    if names[0] == names[1]:
        names = (f"first_{names[0]}", f"second_{names[1]}")
    return f"SELECT ({first}) AS {names[0]}, ({second}) AS {names[1]}"


def _name(name: str, sql: str) -> str:
    """What is counted with the values that it must have: ``blocked_cards``."""
    said = "_".join(re.sub(r"\W+", "_", text.strip().lower()) for text in TEXT.findall(sql))
    return f"{said}_{name}".strip("_")
