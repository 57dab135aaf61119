"""Questions that the bank's figures cannot answer, with the reasons."""

from collections.abc import Callable
from random import Random
from typing import Final

from sample_bank.training import values
from sample_bank.training.conditions import name
from sample_bank.training.flows import any_flow
from sample_bank.training.form import any_thing
from sample_bank.training.lookups import person
from sample_bank.training.periods import month_name, period
from sample_bank.training.things import add_one, bare
from sample_bank.training.wording import say

NO_DATA: Final = "The bank's database does not hold that, so I give no number."
NOT_MINE: Final = "I only answer questions about the figures in the bank's database."
READ_ONLY: Final = "I can only read the bank's database and never change anything in it."
UNCLEAR: Final = "I am not sure what is asked, so I give no number. Please say it in other words."
REASONS: Final = (NO_DATA, NOT_MINE, READ_ONLY, UNCLEAR)


def declined(random: Random) -> tuple[str, str]:
    """A question, and the reason why it has no answer."""
    kinds = [kind for kind, *_ in KINDS]
    chosen = random.choices(range(len(KINDS)), [weight for *_, weight in KINDS])[0]
    return kinds[chosen](random), KINDS[chosen][1]


def _words(random: Random) -> dict[str, str]:
    city = random.choice(values.CITIES)
    return {"n": str(random.randint(1, 9999)), "w": name(random), "c": city}


def _trait(random: Random) -> str:
    what = any_thing(random, random.choice((0, 0, 1)), but=("branches", "disputes"))
    trait = say(random, "<unknown_trait>", **_words(random))
    return say(random, "<trait_asked>", np=what.text, t=trait)


def _adjective(random: Random) -> str:
    what = any_thing(random, random.choice((0, 0, 1)), but=("branches", "disputes", "transactions"))
    adjective = say(random, "<unknown_adjective>")
    return say(random, "<adjective_asked>", np=what.text, t=adjective)


def _figure(random: Random) -> str:
    what = any_thing(random, random.choice((0, 1)))
    return say(random, "<figure_asked>", f=say(random, "<unknown_figure>"), np=what.text)


def _dimension(random: Random) -> str:
    by = say(random, "<unknown_dimension>")
    if random.random() < 0.3:
        words = any_flow(random, income=False).adverbs(random)
        return say(random, "(spending|how much was spent) {a} (by|per|for each) {d}", a=words, d=by)
    return say(random, "<unknown_grouped>", np=any_thing(random, 0).text, d=by)


def _fact(random: Random) -> str:
    one = person(random)
    fact = say(random, "<unknown_fact>")
    return say(random, "<fact_asked>", f=fact, who=one.who, poss=one.poss)


def _elsewhere(random: Random) -> str:
    return say(random, "<elsewhere>", **_words(random))


def _write(random: Random) -> str:
    return say(random, "<write>", **_words(random))


def _vague(random: Random) -> str:
    return say(random, "<vague>", t=say(random, "<topic>"), **_words(random))


UNDATED: Final = ("accounts", "cards", "loans", "customers", "disputes")
"""States whose dates the database does not hold."""


def _undated(random: Random) -> str:
    """ "How many cards were blocked last month": of when, nothing is known."""
    table = random.choice(UNDATED)
    subject = bare(random, table)
    if random.random() < 0.4:
        subject = add_one(random, subject)
    when, _ = period(random, "x.day", (2023, 2026))
    verb = say(random, f"<undated_{table}>")
    split = verb.split(" ", 1)[0]
    active = table == "customers" or split in ("turned", "went", "became")
    return say(random, "<undated>", np=subject.text, v=verb if active else f"were {verb}", w=when)


def _past_balance(random: Random) -> str:
    """A past balance or debt: only the current one is known."""
    one = person(random)
    return say(
        random,
        "<past_balance>",
        who=one.who,
        np=any_thing(random, random.choice((0, 1)), but=PLAIN).text,
        w=say(
            random,
            "<past_day>",
            y=str(random.randint(2022, 2025)),
            m=month_name(random, random.randint(1, 12)),
        ),
    )


PLAIN: Final = ("branches", "disputes", "transactions", "customers", "cards")


def _staff(random: Random) -> str:
    what = any_thing(random, random.choice((0, 1)), but=("branches",))
    return say(random, "<about_staff>", np=what.text, **_words(random))


KINDS: Final[tuple[tuple[Callable[[Random], str], str, int], ...]] = (
    (_trait, NO_DATA, 14),
    (_adjective, NO_DATA, 7),
    (_figure, NO_DATA, 14),
    (_dimension, NO_DATA, 7),
    (_fact, NO_DATA, 12),
    (_elsewhere, NOT_MINE, 26),
    (_write, READ_ONLY, 8),
    (_undated, NO_DATA, 16),
    (_past_balance, NO_DATA, 6),
    (_staff, NO_DATA, 8),
    (_vague, UNCLEAR, 16),
)
