"""What the checks know of one database: its tables and columns, and what people call them.

    counted:                                      "how many clients ...?" counts rows of a table
      tables: {customers: {called: [customers, clients], told_apart: [a.customer_id]}}
    closed: {k.status: [active, blocked]}         what else is looked for in it is a mistake
    nouns: ['clients?']                           what a question of its own is about
    named:
      spoken: [{asked: 'loans?', read: loans}]    who speaks of loans wants the table of loans read
    meant: {names: [city]}                        such a mention must stand in the query
    computed: {groups: [city], summed: [debts?]}  "per city", "total debts"
    derived: {measures: [balances?]}              these are asked for without *how many*
    unasked: {called: {k.status: {blocked: [locked]}}}
    turned: {values: [not received]}              a state whose name sounds like a negation
    told: {conditions: [{sql: 't\\.amount < 0', words: money out}]}

Everything may be left out: a check then knows English alone. Where a field holds expressions, they are
regular ones, and large letters count only inside of ``(?-i:...)``.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import AfterValidator, BeforeValidator, ValidationError, model_validator

from genai.errors import Misconfigured
from genai.section import Section

NEVER: Final = "(?!)"


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def _checked(text: str) -> str:
    _compiled(text)
    return text


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
Word = Annotated[str, AfterValidator(_checked)]
Words = tuple[Word, ...]


class Table(Section):
    """``called`` is what its rows are called when they are many. ``told_apart`` are columns of other
    tables that stand for its rows when they are counted as DISTINCT."""

    called: Words
    told_apart: tuple[str, ...] = ()


class Counted(Section):
    """``links`` bind a noun to what is counted, which it then is not; nor is one ``never_before``
    such a word."""

    tables: dict[str, Table] = {}
    links: Words = ()
    never_before: Words = ()


class Pair(Section):
    """Words of a question, and what they call for in the query."""

    asked: Pattern
    read: Pattern


class Named(Section):
    """``spoken`` must be read when it is asked, ``unspoken`` must be asked when it is read.

    ``shown`` are columns that tell who; ``large`` are words that are written large without being names.
    """

    spoken: tuple[Pair, ...] = ()
    unspoken: tuple[Pair, ...] = ()
    shown: tuple[str, ...] = ()
    large: tuple[str, ...] = ()


class Meant(Section):
    """``names`` are kinds of mention that can be nothing else, ``columns`` hold such names.

    ``ambiguous`` words are names of several things, or of none: the *current* month, *open* debt. Those
    in ``amounts`` may be meant as an amount. ``stateful`` are ids of rows that have a state.
    """

    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    stateful: tuple[str, ...] = ()


class Computed(Section):
    """``groups``: what follows *per*; ``one_group``: what ends like it and is a single one.

    ``typical``: behind *average*, the average of nothing; ``summed``: what can be totalled; ``measured``:
    columns that say how much, besides those in cents; ``listed``: what *which* asks for; ``paid``: verbs
    of money.
    """

    groups: Words = ()
    one_group: tuple[str, ...] = ()
    typical: Words = ()
    summed: Words = ()
    measured: tuple[str, ...] = ()
    listed: Words = ()
    paid: Words = ()


class Reworded(Section):
    """What is ``asked``, and ``instead`` of it; there, ``\\g<name>`` is a group of it."""

    asked: Pattern
    instead: str


class Derived(Section):
    """What is asked in other words. ``measures`` are asked for without *how many*; ``everything`` leaves
    out nothing. ``spending`` asks for the money out, which is told as ``spent``; with the money in it
    is told as ``net``. ``name`` is the column of people's names, first and last."""

    measures: Words = ()
    everything: Words = ()
    spending: str = ""
    spent: str = ""
    net: str = ""
    name: str = ""
    reworded: tuple[Reworded, ...] = ()


class Turned(Section):
    """What sounds like a negation and is a state that has a name: ``states`` as a whole, ``never_yet``
    behind *not*, ``values`` in the database. ``ended`` are verbs of what took some time."""

    states: Words = ()
    never_yet: Words = ()
    values: tuple[str, ...] = ()
    ended: Words = ()


class Misread(Pair):
    """``read`` is a mistake for what is ``asked``, and ``instead`` stands in its place."""

    instead: str = ""


class Unasked(Section):
    """``called`` is what else a value can be called, by column and value; a condition on one of these that
    nobody asked for is a mistake. ``misread`` is what words are mistaken for. Of ``whole``
    columns, one word is never all."""

    called: dict[str, dict[str, Words]] = {}
    misread: tuple[Misread, ...] = ()
    whole: tuple[str, ...] = ()


class Wording(Section):
    """In ``words`` stand the named groups of ``sql``; a ``took`` is a sign, a ``weekday`` its number."""

    sql: Pattern
    words: str

    @model_validator(mode="after")
    def _only_known_groups(self) -> Self:
        try:
            self.words.format(**self.sql.groupindex)
        except (KeyError, IndexError) as error:
            raise ValueError(f"{self.words!r} names what {self.sql.pattern!r} lacks") from error
        return self


class Told(Section):
    """How whole ``conditions`` are told, and ``expressions`` that are columns but for their name."""

    expressions: tuple[Wording, ...] = ()
    conditions: tuple[Wording, ...] = ()


class Vocabulary(Section):
    """``closed`` are all the values that a column can have, ``born`` is a column of dates that says how
    old somebody is. ``absent`` is how the model says that the database lacks something. Words ``of_all``
    stand in front of nouns, as in *bank accounts*, and set no condition. ``comparing`` words compare an
    amount with nothing; ``other_places`` are spelt like one that the database has."""

    counted: Counted = Counted()
    closed: dict[str, tuple[str, ...]] = {}
    nouns: Words = ()
    named: Named = Named()
    meant: Meant = Meant()
    computed: Computed = Computed()
    derived: Derived = Derived()
    turned: Turned = Turned()
    unasked: Unasked = Unasked()
    told: Told = Told()
    born: Word = NEVER
    absent: Pattern = re.compile(NEVER)
    of_all: Words = ()
    comparing: Words = ()
    other_places: tuple[str, ...] = ()


def either(words: Iterable[str]) -> str:
    """An expression for any of them, which matches nothing where there are none."""
    return "|".join(words) or NEVER


def read_vocabulary(path: Path) -> Vocabulary:
    """Raises `Misconfigured` when the file is missing or no such vocabulary."""
    try:
        return Vocabulary.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"the analyst's words of {path.name} cannot be read") from error
