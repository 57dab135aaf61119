"""Rankings with an exception, such as "which country apart from Germany ...?"."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from genai.analyst.compositions.conditions import with_condition
from genai.analyst.reading.alternatives import Find
from genai.worked_examples.mentions import Mention

BUT: Final = re.compile(
    r",? (?:apart from|other than|aside from|except(?: for)?|excluding|not counting|leaving out) (?:the )?",
    re.IGNORECASE,
)
RANKS: Final = re.compile(
    r"^(?:in |at |on )?(?:which|what)\b.*\b(?:most|least|\w{3,}est)\b", re.IGNORECASE
)
GROUPED: Final = re.compile(
    r" GROUP BY (?P<column>\w\.(?P<name>\w+)) ORDER BY 2(?: DESC)? LIMIT 1$"
)


def left_out(question: str, find: Find) -> tuple[str, Callable[[str], str | None]] | None:
    """The question without the exception, and the function that excludes it from the query."""
    but = BUT.search(question)
    if but is None or not RANKS.search(question):
        return None
    name = next((one for one in find(question) if one.start == but.end()), None)
    if name is None:
        return None
    rest = f"{question[: but.start()]}{question[name.end :]}".replace(" ,", ",").strip(" ,")
    return f"{rest}?", partial(_without, name)


def _without(name: Mention, query: str) -> str | None:
    """`None` if the rows are not of the kind of the excluded name."""
    found = GROUPED.search(query)
    if found is None or query.count("SELECT ") > 1 or " OR " in query:
        return None
    value = next(
        (value for kind, value in name.kinds.items() if kind.endswith(found["name"])), None
    )
    if (
        not isinstance(value, str)
        or "'" in value
        or f"{found['column']} " in query[: found.start()]
    ):
        return None
    others = with_condition(query[: found.start()], f"{found['column']} <> '{value}'")
    return f"{others}{found[0]}"
