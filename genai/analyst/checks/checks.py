"""All checks that a query must pass before its result is told."""

from collections.abc import Callable

from genai.analyst.checks.accounting import Accounting, sound
from genai.analyst.checks.closed import Closed
from genai.analyst.checks.comparisons import compares
from genai.analyst.checks.counted import Counted
from genai.analyst.checks.dates import dated
from genai.analyst.checks.grounded import grounded
from genai.analyst.checks.intents import Intents
from genai.analyst.checks.named import Named
from genai.analyst.checks.negations import Turned
from genai.analyst.checks.shape import shaped
from genai.analyst.checks.shares import placed
from genai.analyst.checks.sides import Sides
from genai.analyst.checks.unasked import Unasked
from genai.analyst.vocabulary import Vocabulary
from genai.worked_examples.mentions import Mention

Find = Callable[[str], tuple[Mention, ...]]


class Checks:
    """Compiled once from the words of a database."""

    def __init__(self, words: Vocabulary) -> None:
        self.accounting = Accounting(words.meant)
        self.closed = Closed(words.closed)
        self.counted = Counted(words.counted)
        self.intents = Intents(words.computed, words.born)
        self.named = Named(words.named)
        self.sides = Sides(words.comparing, words.born)
        self.turned = Turned(words.turned)
        self.unasked = Unasked(words.unasked)

    def trusted(self, question: str, sql: str, find: Find, before: str = "") -> bool:
        """Whether all that the question says shows in the query. ``before`` is what it leans on."""
        mentions = find(question)
        return (
            sound(sql)
            and self.closed.possible(sql)
            and self.turned.turned(question, sql)
            and self.intents.computes(question, sql)
            and self.counted.counts(question, sql)
            and shaped(question, sql)
            and placed(question, mentions, sql)
            and compares(question, sql, find)
            and self.sides.sided(f"{before} {question}", sql)
            and grounded(f"{before} {question}", sql)
            and dated(question, mentions, sql)
            and self.named.named(question, mentions, sql, before)
            and self.accounting.accounted(question, mentions, sql, before)
            and self.unasked.asked(f"{before} {question}", (*find(before), *mentions), sql)
            and (
                not before or self.accounting.carried(before, find(before), question, mentions, sql)
            )
        )

    def complete(self, question: str, sql: str, find: Find) -> bool:
        """Whether what was made of several queries has all that the whole question names."""
        mentions = find(question)
        return dated(question, mentions, sql) and self.accounting.accounted(question, mentions, sql)

    def served(self, question: str, sql: str, find: Find) -> bool:
        """Whether the query of a worked example that was found computes what is asked."""
        return (
            self.intents.computes(question, sql)
            and self.counted.counts(question, sql)
            and self.named.tells_who(question, sql)
            and self.named.reads(question, sql)
            and placed(question, find(question), sql)
            and compares(question, sql, find)
        )
