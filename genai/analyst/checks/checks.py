"""Combines all checks that a query must pass before its result is shown."""

from collections.abc import Callable

from genai.analyst.checks.accounting import Accounting, well_formed
from genai.analyst.checks.allowed_values import AllowedValues
from genai.analyst.checks.comparisons import compares
from genai.analyst.checks.counted import CountedCheck
from genai.analyst.checks.dates import dated
from genai.analyst.checks.directions import Directions
from genai.analyst.checks.grounded import grounded
from genai.analyst.checks.intents import Intents
from genai.analyst.checks.named import NamedCheck
from genai.analyst.checks.negations import Negations
from genai.analyst.checks.relations import Relations
from genai.analyst.checks.shape import shaped
from genai.analyst.checks.shares import keeps_whole_and_part
from genai.analyst.checks.unasked import UnaskedCheck
from genai.analyst.select_list import repeats_itself
from genai.analyst.vocabulary import Vocabulary
from genai.worked_examples.mentions import Mention

Find = Callable[[str], tuple[Mention, ...]]


class Checks:
    """All checks, compiled from the vocabulary of a database."""

    def __init__(self, words: Vocabulary) -> None:
        self.accounting = Accounting(words.meant)
        self.allowed_values = AllowedValues(words.closed)
        self.counted = CountedCheck(words.counted)
        self.intents = Intents(words.computed, words.born)
        self.named = NamedCheck(words.named)
        self.directions = Directions(words.comparing, words.born)
        self.negations = Negations(words.turned)
        self.relations = Relations(words.known)
        self.unasked = UnaskedCheck(words.unasked)

    def trusted(self, question: str, sql: str, find: Find, before: str = "") -> bool:
        """Whether the query covers the whole question. ``before`` is the question that it follows up."""
        mentions = find(question)
        return (
            well_formed(sql)
            and not repeats_itself(sql)
            and self.allowed_values.possible(sql)
            and self.negations.keeps(question, sql)
            and self.intents.computes(question, sql)
            and self.counted.counts(question, sql)
            and shaped(question, sql)
            and keeps_whole_and_part(question, mentions, sql)
            and compares(question, sql, find)
            and self.relations.knows(question, sql)
            and self.directions.agrees(f"{before} {question}", sql)
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
        """Whether a query combined from several ones has every name of the whole question."""
        mentions = find(question)
        return dated(question, mentions, sql) and self.accounting.accounted(question, mentions, sql)

    def served(self, question: str, sql: str, find: Find) -> bool:
        """Whether the query of a worked example computes what is asked."""
        return (
            self.intents.computes(question, sql)
            and self.counted.counts(question, sql)
            and self.relations.knows(question, sql)
            and self.named.tells_who(question, sql)
            and self.named.reads(question, sql)
            and keeps_whole_and_part(question, find(question), sql)
            and compares(question, sql, find)
        )
