"""The interface of question forms, and their shared functions."""

import re
from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Pieces
from sample_bank.training.things import thing
from sample_bank.training.wording import tidy

TABLES: Final = {
    "customers": 24,
    "accounts": 18,
    "cards": 16,
    "transactions": 14,
    "loans": 18,
    "disputes": 13,
    "branches": 3,
}
"""Weights of the tables."""


TRAILED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its SQL. ``level`` is its complexity: the number of things to understand at once."""

    text: str
    sql: Pieces
    level: int


def conditions(random: Random) -> int:
    return random.choices((0, 1, 2, 3), (14, 44, 32, 10))[0]


def any_thing(random: Random, count: int | None = None, *, but: tuple[str, ...] = ()) -> Phrase:
    weights = {table: weight for table, weight in TABLES.items() if table not in but}
    table = random.choices(list(weights), list(weights.values()))[0]
    found = thing(random, table, conditions(random) if count is None else count).shuffled(random)
    return found.trailing(random) if random.random() < TRAILED else found


def counted(phrase: Phrase) -> str:
    return f"COUNT(*) AS {phrase.table}"


# -- a condition as a verb -------------------------------------------------------------------------

DONE: Final = (
    "opened|filed|raised|submitted|lodged|issued|granted|made|created|set up|established|founded"
    "|closed|settled|resolved|decided|taken out|handed out|given out|started|booked|blocked"
    "|recorded|processed|acquired|registered|onboarded|approved|dated|located"
)
BEING: Final = (
    "older|younger|over|under|aged|at least|below|above|between|about|because|due|in|from|on|of"
    "|overdrawn|born|held|owned|by|past|for|worth|not|outside|expiring|still|already|currently"
)
VERBS: Final = (
    (re.compile(r"^(?:that|which|who) (.*)$"), r"\1"),
    (re.compile(rf"^((?:{DONE})\b.*)$"), r"were \1"),
    (re.compile(r"^living (.*)$"), r"live \1"),
    (re.compile(r"^(?:based|residing) (.*)$"), r"are based \1"),
    (re.compile(r"^(?:with|having|holding|owning) (.*)$"), r"have \1"),
    (re.compile(r"^without (.*)$"), r"are without \1"),
    (re.compile(r"^whose (.*)$"), r"are those whose \1"),
    (re.compile(rf"^((?:{BEING})\b.*)$"), r"are \1"),
    (re.compile(r"^(joined .*)$"), r"\1"),
)


def stated(phrase: Phrase) -> tuple[str, str] | None:
    """The phrase without its last condition, which becomes a verb: "live in Lisbon"."""
    if not phrase.behind:
        return None
    last = phrase.behind[-1]
    for pattern, verb in VERBS:
        if pattern.match(last):
            subject = tidy(" ".join((*phrase.before, phrase.noun, *phrase.behind[:-1])))
            return subject, pattern.sub(verb, last)
    return None


def described(phrase: Phrase) -> tuple[str, str] | None:
    """ "accounts" and "are frozen"."""
    if len(phrase.before) != 1 or phrase.before[0].split(" ")[0] in ("business", "company"):
        return None
    return tidy(" ".join((phrase.noun, *phrase.behind))), f"are {phrase.before[0]}"
