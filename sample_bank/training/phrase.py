"""A noun phrase that is built by adding conditions: "frozen savings accounts of clients in Lisbon"."""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from sample_bank.training.query import Comparison
from sample_bank.training.wording import tidy

ONES: Final = {
    "businesses": "business", "companies": "company", "branches": "branch", "people": "person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """``noun`` is a plural; ``plain``: it means all rows of the table. ``used`` are the kinds of its
    conditions.
    """

    table: str
    before: tuple[str, ...] = ()
    noun: str = ""
    behind: tuple[str, ...] = ()
    tests: tuple[Comparison, ...] = ()
    used: frozenset[str] = frozenset()
    plain: bool = True

    @property
    def text(self) -> str:
        return tidy(" ".join((*self.before, self.noun, *self.behind)))

    def having(
        self, kind: str, *tests: Comparison, before: str = "", behind: str = "", noun: str = ""
    ) -> "Phrase":
        return replace(
            self,
            before=(*self.before, before) if before else self.before,
            behind=(*self.behind, behind) if behind else self.behind,
            noun=noun or self.noun,
            plain=self.plain and not noun,
            tests=(*self.tests, *tests),
            used=self.used | {kind},
        )

    def shuffled(self, random: Random) -> "Phrase":
        """The same conditions in another order."""
        if len(self.behind) < 2 or "owner" in self.used:
            return self
        return replace(self, behind=tuple(random.sample(self.behind, len(self.behind))))

    def trailing(self, random: Random) -> "Phrase":
        """Moves the adjective to the end: "customers in Valencia, retail only"."""
        if not self.before or not self.plain:
            return self
        first, *rest = self.before
        last = random.choice(TRAILING).format(a=first)
        return replace(self, before=tuple(rest), behind=(*self.behind, last))


TRAILING: Final = (
    ", {a} only",
    ", only {a} ones",
    ", {a} ones only",
    "({a})",
    ", just the {a} ones",
    ": {a}",
    "that are {a}",
    "- only {a}",
    ", namely {a} ones",
    "who are {a}",
)


def singular(phrase: Phrase) -> str:
    """ "frozen savings account"."""
    *first, last = phrase.noun.split(" ")
    one = ONES.get(last) or (last.removesuffix("s") if not last.endswith("ss") else last)
    return tidy(" ".join((*phrase.before, *first, one, *phrase.behind)))


def one_of(random: Random, phrase: Phrase) -> str:
    """ "a frozen savings account", "any frozen savings accounts"."""
    roll = random.random()
    if roll < 0.12:
        return f"{random.choice(('some', 'any', 'any', 'one or more'))} {phrase.text}"
    text = singular(phrase)
    if roll < 0.25:
        return f"{random.choice(('at least one', 'any', 'one'))} {text}"
    return f"{'an' if text[:1].lower() in 'aeiou' else 'a'} {text}"
