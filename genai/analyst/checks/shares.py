"""Checks of shares: which rows are the whole, and which the part? "Of all premium customers, what share ...?"

A model with both conditions may swap them: the share of blocked cards among debit cards is not the share of
debit cards among blocked ones.
"""

import re
from dataclasses import dataclass
from typing import Final

from genai.analyst.reading.alternatives import Find
from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import Period

SHARE: Final = r"(?:\b(?:percentage|percent|pct|proportion|share|portion|fraction|part)|%)"
ALL: Final = r"(?:(?:all|the|our|of)\s+){0,3}"
VERB: Final = (
    r"(?<!that )(?<!which )(?<!who )\b(?:is|are|was|were|has|have|had|holds?|held|lives?|lived|belongs?"
    r"|comes?|came|got|gets?|ended|goes|go|went|do|does|did|can|will|uses?|used|owes?|owed|ha(?:s|ve) been)\b"
)
OF_WHOLE: Final = re.compile(
    rf"{SHARE}\s+of\s+{ALL}(?P<whole>.+?)\s+(?P<part>{VERB}.*?)[?.! ]*$", re.IGNORECASE
)
WHOLE_FIRST: Final = re.compile(
    rf"\b(?:of|among|from)\s+{ALL}(?P<whole>[^,]+?),?\s+(?:what|which)\s+(?:is the )?{SHARE}\s+"
    r"(?:of them\s+)?(?P<part>.+?)[?.! ]*$",
    re.IGNORECASE,
)
COMPUTED: Final = re.compile(
    r"100\.0 \* SUM\(CASE WHEN (?P<part>.*?) THEN .*?\bEND\).*? FROM (?P<rest>.*)"
)


GROUP: Final = r"(?P<group>[a-z]+(?: (?:type|status|kind))?)"
OF_ALL: Final = r"(?:all |the |our |all the |all our )?"
EACH: Final = (
    re.compile(
        rf"^(?:.*?){SHARE} of {OF_ALL}(?P<what>[\w ]+?)(?<! is)(?<! are),? "
        rf"(?:per|by|for each|in each|across) {GROUP}\b(?P<more>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:.*?){SHARE} of {OF_ALL}(?P<what>[\w ]+?) (?:is|are|falls?|belongs?|comes?) "
        rf"(?:in |of |to |from |into )*each {GROUP}\b(?P<more>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:.*?){SHARE} of each {GROUP} (?:in|of|among) {OF_ALL}(?P<what>[\w ]+?)"
        r"(?P<more>,? in percent.*)?$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:(?:the )?(?:distribution|breakdown|split|number) of )?{OF_ALL}(?P<what>[\w ]+?) "
        rf"(?:per|by|across|over) {GROUP}(?P<more>,? (?:in percent|in %|as (?:a )?percent\w*))$",
        re.IGNORECASE,
    ),
)

NO_GROUP: Final = re.compile(r"(?:the|a|an|our|all|any|mr|mrs|ms|those)\b", re.IGNORECASE)
SINGLE: Final = re.compile(r"\s*(?:no\.?|number|#)?\s*\d")
NUMBER: Final = re.compile(r"\b\d[\d,]*\b(?!\.)")


@dataclass(frozen=True, slots=True)
class Share:
    """``whole`` describes the rows, ``part`` those that count; the spans are positions in the question."""

    whole: str
    part: str
    whole_span: tuple[int, int]
    part_span: tuple[int, int]


def read_share(question: str) -> Share | None:
    found = WHOLE_FIRST.search(question) or OF_WHOLE.search(question)
    if found is None:
        return None
    return Share(found["whole"], found["part"], found.span("whole"), found.span("part"))


def share_of_each(question: str, find: Find) -> re.Match[str] | None:
    """A match if the question asks how one whole is divided, such as all cards by status.

    *The share of blocked cards by branch* does not: it asks for a share within each branch.
    """
    text = question.strip(" ?!.")
    for pattern in EACH:
        if found := pattern.match(text):
            named = any(
                m.start < found.end("group") and found.start("group") < m.end for m in find(text)
            )
            single = named or NO_GROUP.match(found["group"]) or SINGLE.match(found["more"] or "")
            return None if single or find(found["what"]) else found
    return None


def keeps_whole_and_part(question: str, mentions: tuple[Mention, ...], sql: str) -> bool:
    """Whether the query has the whole and the part of the question, and has not swapped them."""
    share, computed = read_share(question), COMPUTED.search(sql)
    if share is None or computed is None:
        return True
    part, rest = computed["part"].lower(), computed["rest"].lower()
    if _number_apart(question, share.whole_span, part, rest) or _number_apart(
        question, share.part_span, rest, part
    ):
        return False
    return not any(
        (_within(m, share.whole_span) and _only_in(m, part, rest))
        or (_within(m, share.part_span) and _only_in(m, rest, part))
        for m in mentions
    )


def _number_apart(question: str, span: tuple[int, int], one: str, other: str) -> bool:
    """Whether a number of this span occurs in the wrong part of the query only."""
    numbers = (number.replace(",", "") for number in NUMBER.findall(question[span[0] : span[1]]))
    return any(
        re.search(rf"\b{number}\b", one) and not re.search(rf"\b{number}\b", other)
        for number in numbers
    )


def _within(mention: Mention, span: tuple[int, int]) -> bool:
    return span[0] <= mention.start and mention.end <= span[1]


def _only_in(mention: Mention, one: str, other: str) -> bool:
    values = [_text(value) for value in mention.kinds.values()]
    return any(v in one for v in values if v) and not any(v in other for v in values if v)


def _text(value: object) -> str:
    if isinstance(value, Period):
        return f"'{value.start:%Y}"
    return f"'{value}".lower() if isinstance(value, str) else ""
