"""The first of all but one: "which country apart from Germany ...?" is asked without the one."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from genai.analyst.compositions.alternatives import Find
from genai.analyst.compositions.narrowed import narrowed
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
    """What to ask, and how to leave the one out of its query."""
    but = BUT.search(question)
    if but is None or not RANKS.search(question):
        return None
    name = next((one for one in find(question) if one.start == but.end()), None)
    if name is None:
        return None
    rest = f"{question[: but.start()]}{question[name.end :]}".replace(" ,", ",").strip(" ,")
    return f"{rest}?", partial(_without, name)


def _without(name: Mention, query: str) -> str | None:
    """None where the rows are not those of things such as the one that is named."""
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
    others = narrowed(query[: found.start()], f"{found['column']} <> '{value}'")
    return f"{others}{found[0]}"
