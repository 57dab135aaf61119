"""The conditions of noun phrases: each function adds one."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from sample_bank.people import FIRST_NAMES, LAST_NAMES
from sample_bank.training import values
from sample_bank.training.numbers import compared, money_test, number_test
from sample_bank.training.periods import period
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Comparison, Copied, Pieces
from sample_bank.training.values import Wording
from sample_bank.training.wording import say

Adder = Callable[[Random, Phrase], Phrase]


def name(random: Random) -> str:
    """A person's name, in the bank or not."""
    own = random.random() < 0.5
    first = random.choice(FIRST_NAMES if own or random.random() < 0.4 else values.FIRST_NAMES)
    last = random.choice(LAST_NAMES if own or random.random() < 0.4 else values.LAST_NAMES)
    return f"{first} {last}"


def named(random: Random, column: str = "c.name") -> tuple[str, Pieces]:
    who = name(random)
    return who, (f" LOWER({column}) = TRIM('", Copied(f" {who.lower()}"), "')")


def numbered(random: Random, column: str, low: int, high: int) -> tuple[str, Pieces]:
    number = random.randint(low, high) if random.random() < 0.9 else random.randint(1, 99999)
    return str(number), (f" {column} = ", Copied(str(number)))


def worded(column: str, words: Mapping[str, Wording], negated: float = 0.05) -> Adder:
    """A value that has its own words."""
    alias, kind = column.split(".")

    def add(random: Random, phrase: Phrase) -> Phrase:
        value = random.choice(list(words))
        said = words[value]
        if random.random() < EITHER:
            return _either(random, phrase, column, words)
        test = Comparison(alias, (f" {column} = ", f"'{value}'"))
        if random.random() < negated and said.before:
            unlike = Comparison(alias, (f" {column} <> ", f"'{value}'"))
            if random.random() < 0.3:
                return phrase.having(kind, unlike, before=say(random, f"non-({said.before})"))
            behind = say(random, f"<other_than> ({said.before})")
            return phrase.having(kind, unlike, behind=behind)
        if said.noun and phrase.plain and random.random() < 0.5:
            return phrase.having(kind, test, noun=say(random, f"({said.noun})"))
        if said.behind and (random.random() < 0.4 or not said.before):
            return phrase.having(kind, test, behind=say(random, f"({said.behind})"))
        return phrase.having(kind, test, before=say(random, f"({said.before})"))

    return add


EITHER: Final = 0.04
"""Probability of a condition with two values."""


def _either(random: Random, phrase: Phrase, column: str, words: Mapping[str, Wording]) -> Phrase:
    """ "blocked or expired" cards."""
    alias, kind = column.split(".")
    one, other = random.sample([value for value in words if words[value].before], 2)
    pieces = (f" {column} IN (", f"'{one}'", ", ", f"'{other}'", ")")
    first, last = (say(random, f"({words[value].before})") for value in (one, other))
    test = Comparison(alias, pieces)
    if random.random() < 0.6:
        return phrase.having(
            kind, test, before=f"{first} {random.choice(('or', 'and', 'and/or'))} {last}"
        )
    return phrase.having(kind, test, behind=say(random, "<either>", a=first, b=last))


def city(alias: str) -> Adder:
    def add(random: Random, phrase: Phrase) -> Phrase:
        if random.random() < 0.04:
            return _elsewhere(random, phrase, f"{alias}.city")
        value = random.choice(values.CITIES)
        word = random.choice(values.CITY_NAMES.get(value, (value,)))
        roll = random.random()
        if roll < 0.06:
            other = random.choice([one for one in values.CITIES if one != value])
            pieces = (f" {alias}.city IN (", f"'{value}'", ", ", f"'{other}'", ")")
            both = say(
                random, f"<{phrase.table}_at> (either|) {{a}} (or|and) {{b}}", a=word, b=other
            )
            return phrase.having("place", Comparison(alias, pieces), behind=both)
        before = random.choice((word, word, f"{word}-based")) if roll < 0.18 else ""
        return _placed(random, phrase, f"{alias}.city", value, word, before)

    return add


def _elsewhere(random: Random, phrase: Phrase, column: str) -> Phrase:
    """A city without customers, which is searched all the same."""
    value = random.choice(values.OTHER_CITIES)
    pieces = (f" LOWER({column}) = TRIM('", Copied(f" {value.lower()}"), "')")
    words = f"{say(random, f'<{phrase.table}_at>')} {value}"
    return phrase.having("place", Comparison(column[0], pieces), behind=words)


def country(alias: str, countries: Sequence[str]) -> Adder:
    def add(random: Random, phrase: Phrase) -> Phrase:
        value = random.choice(countries)
        before = values.COUNTRY[value] if random.random() < 0.2 else ""
        word = country_name(random, value)
        return _placed(random, phrase, f"{alias}.country", value, word, before)

    return add


def country_name(random: Random, value: str) -> str:
    return random.choice(values.COUNTRY_NAMES.get(value, (value,)))


def _placed(
    random: Random, phrase: Phrase, column: str, value: str, word: str, before: str
) -> Phrase:
    """Adds a place: as an adjective if there is one, else "in Lisbon", sometimes "outside Lisbon"."""
    test = Comparison(column[0], (f" {column} = ", f"'{value}'"))
    if before:
        return phrase.having("place", test, before=before)
    if random.random() < 0.05:
        unlike = Comparison(column[0], (f" {column} <> ", f"'{value}'"))
        return phrase.having("place", unlike, behind=say(random, "<outside>", w=word))
    return phrase.having("place", test, behind=f"{say(random, f'<{phrase.table}_at>')} {word}")


def age(random: Random, phrase: Phrase) -> Phrase:
    years = random.randint(18, 88)
    born = Copied(str(years))
    if random.random() < 0.1:
        return _decade_of_life(random, phrase)
    if random.random() < 0.08:
        return _over_or_under(random, phrase)
    if random.random() < 0.15:
        top = years + random.randint(2, 25)
        between = " c.birth_date BETWEEN (2025 - "
        middle = ") || '-07-01' AND (2026 - "
        pieces: Pieces = (between, Copied(str(top)), middle, born, ") || '-06-30'")
        behind = say(random, "<aged_between>", a=str(years), b=str(top))
        return phrase.having("age", Comparison("c", pieces), behind=behind)
    words, first = random.choice(
        (
            ("<older_than>", " c.birth_date <= (2025 - "),
            ("<younger_than>", " c.birth_date > (2026 - "),
            ("<at_least_old>", " c.birth_date <= (2026 - "),
        )
    )
    test = Comparison("c", (first, born, ") || '-06-30'"))
    return phrase.having("age", test, behind=say(random, words, n=str(years)))


def _decade_of_life(random: Random, phrase: Phrase) -> Phrase:
    number, word = random.choice(tuple(values.DECADES_OF_LIFE.items()))
    text = say(random, "<in_their>", w=word, n=str(number))
    between = f" c.birth_date BETWEEN '{2016 - number}-07-01' AND '{2026 - number}-06-30'"
    return phrase.having("age", Comparison("c", (between,)), behind=text)


def _over_or_under(random: Random, phrase: Phrase) -> Phrase:
    """ "under-30s", as a noun of its own where the phrase has none."""
    years = random.choice((18, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80))
    word, first = random.choice(
        (("over", " c.birth_date <= (2025 - "), ("under", " c.birth_date > (2026 - "))
    )
    test = Comparison("c", (first, Copied(str(years)), ") || '-06-30'"))
    if phrase.plain and random.random() < 0.6:
        return phrase.having("age", test, noun=say(random, "<age_group>", w=word, n=str(years)))
    return phrase.having("age", test, before=f"{word}-{years}")


WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def weekday(random: Random) -> tuple[str, Pieces]:
    """ "on Mondays", "at weekends"; the number of a day is SQLite's."""
    if random.random() < 0.4:
        return say(random, "<at_weekends>"), (" strftime('%w', t.booked_at) IN ('0', '6')",)
    number = random.randrange(7)
    text = say(random, "<on_weekday>", d=WEEKDAYS[number])
    return text, (f" strftime('%w', t.booked_at) = '{number}'",)


def on_weekday(random: Random, phrase: Phrase) -> Phrase:
    words, pieces = weekday(random)
    return phrase.having("weekday", Comparison("t", pieces), behind=words)


def dated(column: str, verbs: str, years: tuple[int, int]) -> Adder:
    def add(random: Random, phrase: Phrase) -> Phrase:
        words, pieces = period(random, column, years)
        behind = f"{say(random, f'<{verbs}>')} {words}"
        return phrase.having(verbs, Comparison(column[0], pieces), behind=behind)

    return add


def amount(alias: str, column: str, words: str) -> Adder:
    def add(random: Random, phrase: Phrase) -> Phrase:
        said, pieces = money_test(random, column)
        return phrase.having(
            words, Comparison(alias, pieces), behind=say(random, f"<{words}>", amount=said)
        )

    return add


def figure(column: str, words: str, low: int, high: int) -> Adder:
    def add(random: Random, phrase: Phrase) -> Phrase:
        said, pieces = number_test(random, column, low, high)
        test = Comparison(column[0], pieces)
        return phrase.having(words, test, behind=say(random, f"<{words}>", figure=said))

    return add


def rate(random: Random, phrase: Phrase) -> Phrase:
    """A percentage with one or two decimals."""
    number = f"{random.uniform(1.5, 12):.{random.choice((1, 1, 2))}f}"
    said, operator = compared(random, number)
    test = Comparison("l", (" l.rate_percent", operator, Copied(number)))
    return phrase.having("with_rate", test, behind=say(random, "<with_rate>", figure=said))


def years_long(random: Random, phrase: Phrase) -> Phrase:
    said, (_, operator, number) = number_test(random, "", 1, 30)
    test = Comparison("l", (" l.term_months", operator, number, " * 12"))
    words = say(random, "<with_term_years>", figure=said)
    return phrase.having("with_term", test, behind=words)


def direction(random: Random, phrase: Phrase) -> Phrase:
    word, sign = random.choice((("incoming", " > "), ("outgoing", " < ")))
    test = Comparison("t", (" t.amount_cents", sign, "0"))
    return phrase.having("of_amount", test, before=say(random, f"<{word}>"))


def abroad(random: Random, phrase: Phrase) -> Phrase:
    test = Comparison("c", (" t.country <> c.country",))
    return phrase.having("place", test, behind=say(random, "<abroad>"))


def carded(random: Random, phrase: Phrase) -> Phrase:
    """Accounts with or without cards."""
    inner = "(SELECT 1 FROM cards k WHERE k.account_id = a.account_id)"
    roll = random.random()
    if roll < 0.4:
        pieces: Pieces = (f" EXISTS {inner}",)
        return phrase.having("carded", Comparison("a", pieces), behind=say(random, "<with_card>"))
    if roll < 0.7:
        pieces = (f" NOT EXISTS {inner}",)
        return phrase.having(
            "carded", Comparison("a", pieces), behind=say(random, "<without_card>")
        )
    said, (_, operator, number) = number_test(random, "", 1, 4)
    counted = f" {inner.replace('SELECT 1', 'SELECT COUNT(*)')}"
    words = say(random, "<with_cards>", f=said)
    return phrase.having("carded", Comparison("a", (counted, operator, number)), behind=words)


def overdrawn(random: Random, phrase: Phrase) -> Phrase:
    test = Comparison("a", (" a.balance_cents", " < ", "0"))
    if random.random() < 0.5:
        word = say(random, "(overdrawn|negative|in-the-red)")
        return phrase.having("with_balance", test, before=word)
    return phrase.having("with_balance", test, behind=say(random, "<overdrawn>"))


def above_average(alias: str, table: str, column: str, words: str) -> Adder:
    """ "with an above-average balance"."""

    def add(random: Random, phrase: Phrase) -> Phrase:
        side, sign = random.choice((("above", " > "), ("above", " > "), ("below", " < ")))
        pieces = (f" {alias}.{column}", sign, f"(SELECT AVG({column}) FROM {table})")  # noqa: S608
        behind = say(random, f"<{side}_average_{words}>")
        return phrase.having(f"with_{words}", Comparison(alias, pieces), behind=behind)

    return add


def shop(random: Random, phrase: Phrase) -> Phrase:
    value = random.choice(values.SHOPS)
    test = Comparison("t", (" t.merchant = ", f"'{value}'"))
    return phrase.having("shop", test, behind=say(random, "<at_shop>", w=value))


def category(random: Random, phrase: Phrase) -> Phrase:
    words = values.wordings("category")
    value = random.choice(list(words))
    test = Comparison("t", (" t.category = ", f"'{value}'"))
    if random.random() < 0.6 or value in values.INCOME:
        before = say(random, f"({words[value].before})")
        return phrase.having("category", test, before=before)
    word = say(random, f"({words[value].behind})")
    return phrase.having("category", test, behind=say(random, "<of_category>", w=word))


def branch(random: Random, phrase: Phrase) -> Phrase:
    if random.random() < 0.4:
        place = random.choice(values.CITIES)
        words = say(random, "<of_city_branch>", c=place)
        return phrase.having("branch", Comparison("b", (" b.city = ", f"'{place}'")), behind=words)
    value = random.choice(values.BRANCH_NAMES)
    words = say(random, "<of_branch>", b=value, s=value.split(" ", 1)[1])
    return phrase.having("branch", Comparison("b", (" b.name = ", f"'{value}'")), behind=words)
