"""Money in and out of accounts: "how much did premium customers spend on groceries in May?" """

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from sample_bank.training import values
from sample_bank.training.conditions import country_name, named, numbered, weekday
from sample_bank.training.form import Question
from sample_bank.training.periods import period
from sample_bank.training.query import Comparison, Copied, select
from sample_bank.training.things import thing
from sample_bank.training.wording import say, tidy

OUT: Final = Comparison("t", (" t.amount_cents", " < ", "0"))
IN: Final = Comparison("t", (" t.amount_cents", " > ", "0"))

SELECTS: Final = {
    ("out", "SUM"): "ROUND(-SUM(t.amount_cents) / 100.0, 2) AS spent_eur",
    ("out", "AVG"): "ROUND(-AVG(t.amount_cents) / 100.0, 2) AS average_spent_eur",
    ("out", "MAX"): "ROUND(-MIN(t.amount_cents) / 100.0, 2) AS largest_spent_eur",
    ("out", "MIN"): "ROUND(-MAX(t.amount_cents) / 100.0, 2) AS smallest_spent_eur",
    ("in", "SUM"): "ROUND(SUM(t.amount_cents) / 100.0, 2) AS received_eur",
    ("in", "AVG"): "ROUND(AVG(t.amount_cents) / 100.0, 2) AS average_received_eur",
    ("in", "MAX"): "ROUND(MAX(t.amount_cents) / 100.0, 2) AS largest_received_eur",
    ("in", "MIN"): "ROUND(MIN(t.amount_cents) / 100.0, 2) AS smallest_received_eur",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """``on``, ``shop`` and ``rest`` are adverbials; ``kind`` is what was bought or received.

    ``used`` are the fixed dimensions.
    """

    direction: str = "out"
    kind: str = ""
    on: str = ""
    noun: str = ""
    shop: str = ""
    rest: tuple[str, ...] = ()
    who: str = ""
    tests: tuple[Comparison, ...] = ()
    used: frozenset[str] = frozenset()

    def adverbs(self, random: Random, *, on: bool = True, shop: bool = True) -> str:
        parts = (self.on if on else "", self.shop if shop else "", *self.rest)
        said = [part for part in parts if part]
        return tidy(" ".join(said if random.random() < 0.7 else random.sample(said, len(said))))

    def limited(self, used: str, test: Comparison, *rest: str) -> "Flow":
        return replace(
            self,
            tests=(*self.tests, test),
            used=self.used | {used},
            rest=(*self.rest, *rest),
        )


def any_flow(
    random: Random,
    *,
    income: bool = True,
    owner: bool | None = None,
    dated: float = 0.6,
    category: float = 0.55,
    shop: float = 0.2,
) -> Flow:
    """Money spent or received, with conditions on purpose, place, time and person."""
    coming = income and random.random() < 0.18
    flow = _income(random) if coming else _spending(random, category, shop)
    if random.random() < 0.14:
        country = random.choice(values.EVERYWHERE)
        test = Comparison("t", (" t.country = ", f"'{country}'"))
        flow = flow.limited("country", test, f"in {country_name(random, country)}")
    if random.random() < 0.02:
        words, pieces = weekday(random)
        flow = flow.limited("weekday", Comparison("t", pieces), words)
    if random.random() < dated:
        words, pieces = period(random, "t.booked_at", (2025, 2026))
        flow = flow.limited("time", Comparison("t", pieces), words)
    if owner or (owner is None and random.random() < 0.42):
        who, tests = spender(random)
        used = flow.used | {"owner", "segment", "place"}
        flow = replace(flow, who=who, tests=(*flow.tests, *tests), used=used)
    return flow


def _income(random: Random) -> Flow:
    flow = Flow("in", tests=(IN,))
    kind = random.choices((*values.INCOME, ""), (50, 20, 10, 20))[0]
    if kind:
        test = Comparison("t", (" t.category = ", f"'{kind}'"))
        flow = replace(
            flow.limited("category", test), kind=kind, noun=say(random, f"({_words(kind).behind})")
        )
    if (kind == "salary" and random.random() < 0.25) or not kind:
        payer = random.choice(values.PAYERS)
        test = Comparison("t", (" t.merchant = ", f"'{payer}'"))
        flow = replace(flow.limited("shop", test), shop=f"from {payer}")
    return flow


def _spending(random: Random, category: float, shop: float) -> Flow:
    flow, roll = Flow(tests=(OUT,)), random.random()
    if roll < category:
        kind = random.choice(values.EXPENSES)
        flow = replace(
            flow.limited("category", Comparison("t", (" t.category = ", f"'{kind}'"))),
            kind=kind,
            on=say(random, f"(on|on|on|for) ({_words(kind).behind})"),
            noun=say(random, f"({_words(kind).before})"),
        )
    elif roll < category + shop:
        payee = random.choice(values.PAYEES)
        test = Comparison("t", (" t.merchant = ", f"'{payee}'"))
        flow = replace(flow.limited("shop", test), shop=f"{say(random, '(at|at|with|to)')} {payee}")
    if random.random() < 0.12:
        channels = values.wordings("channel")
        channel = random.choice(list(channels))
        words = say(random, f"({channels[channel].behind})").replace("done ", "")
        flow = flow.limited("channel", Comparison("t", (" t.channel = ", f"'{channel}'")), words)
    return flow


def _words(category: str) -> values.Wording:
    return values.wordings("category")[category]


def spender(random: Random) -> tuple[str, tuple[Comparison, ...]]:
    roll = random.random()
    if roll < 0.33:
        number, pieces = numbered(random, "a.customer_id", 1001, 2200)
        return say(random, "<customer_number>", n=number), (Comparison("a", pieces),)
    if roll < 0.63:
        who, pieces = named(random)
        return say(random, "(||||||customer|client) {w}", w=who), (Comparison("c", pieces),)
    if roll < 0.7:
        number = str(random.randint(20001, 21900))
        return f"account {number}", (Comparison("t", (" t.account_id = ", Copied(number))),)
    owner = thing(random, "customers", 1 if random.random() < 0.75 else 2)
    return owner.text, owner.tests


def money_flow(random: Random) -> Question:
    flow = any_flow(random)
    function = random.choices(("SUM", "AVG", "MAX", "MIN"), (72, 14, 11, 3))[0]
    columns = ("SELECT ", SELECTS[flow.direction, function])
    return Question(
        _asked(random, flow, function),
        select("transactions", columns, flow.tests),
        len(flow.tests),
    )


def _asked(random: Random, flow: Flow, function: str) -> str:
    if flow.direction == "in":
        return _earned(random, flow, function)
    if function != "SUM":
        return _purchase(random, flow, function)
    adverbs = flow.adverbs(random)
    if flow.who:
        return say(random, "<spent_by>", w=flow.who, a=adverbs)
    roll = random.random()
    if flow.kind in ("rent", "cash") and roll < 0.5:
        return say(random, f"<spent_{flow.kind}>", a=flow.adverbs(random, on=False))
    if flow.noun and roll < 0.3:
        return say(random, "<spent_kind>", n=flow.noun, a=flow.adverbs(random, on=False))
    if flow.shop and roll < 0.4:
        shop = flow.shop.split(" ", 1)[1]
        return say(random, "<spent_shop>", s=shop, a=flow.adverbs(random, shop=False))
    return say(random, "<spent>", a=adverbs)


def _purchase(random: Random, flow: Flow, function: str) -> str:
    """ "the average grocery purchase", "how much is spent per purchase on groceries"."""
    extreme = {"AVG": "average", "MAX": "most", "MIN": "least"}[function]
    noun = say(random, "<purchase_noun>")
    by_kind = bool(flow.noun) and random.random() < 0.6
    form = "<purchase_typical>" if function == "AVG" and random.random() < 0.35 else "<purchase>"
    return say(
        random,
        form,
        m=say(random, f"<purchase_{extreme}>"),
        n=f"{flow.noun} {noun}" if by_kind else noun,
        a=flow.adverbs(random, on=not by_kind),
        b=say(random, "(by|of|made by|from) {w}", w=flow.who) if flow.who else "",
    )


def _earned(random: Random, flow: Flow, function: str) -> str:
    noun = flow.noun or say(random, "<income_any>")
    adverbs = flow.adverbs(random)
    if function != "SUM":
        extreme = {"AVG": "average", "MAX": "most", "MIN": "least"}[function]
        one = {"salaries": "salary", "wages": "wage"}.get(noun, noun)
        return say(
            random,
            "<income_one>",
            m=say(random, f"<purchase_{extreme}>"),
            n=one,
            a=adverbs,
            b=say(random, "(of|for|by) {w}", w=flow.who) if flow.who else "",
        )
    if flow.who:
        return say(random, "<income_by>", w=flow.who, n=noun, a=adverbs)
    if flow.shop and random.random() < 0.6:
        payer = flow.shop.removeprefix("from ")
        return say(random, "<income_from>", s=payer, n=noun, a=flow.adverbs(random, shop=False))
    return say(random, "<income>", n=noun, a=adverbs)
