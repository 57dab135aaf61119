"""Everything that a query must pass before its number is told."""

from collections.abc import Callable

from genai.analyst.accounting import accounted, carried, sound
from genai.analyst.counted import counts
from genai.analyst.dates import dated
from genai.analyst.grounded import grounded
from genai.analyst.intents import computes
from genai.analyst.named import named
from genai.analyst.sides import sided
from genai.analyst.turned import turned
from genai.worked_examples.mentions import Mention

Find = Callable[[str], tuple[Mention, ...]]


def trusted(question: str, sql: str, find: Find, before: str = "") -> bool:
    """Whether all that the question says shows in the query. ``before`` is what it leans on."""
    mentions = find(question)
    return (
        sound(sql)
        and turned(question, sql)
        and computes(question, sql)
        and counts(question, sql)
        and sided(f"{before} {question}", sql)
        and grounded(f"{before} {question}", sql)
        and dated(question, mentions, sql)
        and named(question, mentions, sql, before)
        and accounted(question, mentions, sql, before)
        and (not before or carried(before, find(before), question, mentions, sql))
    )
