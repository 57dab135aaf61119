"""The vocabulary of one database: its tables and columns, and the words that people use for them.

    counted:                                      "how many clients ...?" counts rows of a table
      tables: {customers: {called: [customers, clients], told_apart: [a.customer_id]}}
    closed: {k.status: [active, blocked]}         any other value is a mistake
    nouns: ['clients?']                           the subjects of complete questions
    named:
      spoken: [{asked: 'loans?', read: loans}]    *loans* in the question needs the table of loans
    meant: {names: [city]}                        the query must contain such a mention
    computed: {groups: [city], summed: [debts?]}  "per city", "total debts"
    derived: {measures: [balances?]}              these need no *how many*
    unasked: {called: {k.status: {blocked: [locked]}}}
    turned: {values: [not received]}              a state with a negative name
    pointed: {kinds: [branch], things: [branch]}  "its customers" are those of a branch
    known: {when: [{asked: join, read: joined}]}  "when was it blocked?" is unknown
    told: {conditions: [{sql: 't\\.amount < 0', words: money out}]}

All fields are optional; without them the checks only know English. Expressions are regular, and ignore
case except inside ``(?-i:...)``.
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


class TableWords(Section):
    """``called`` are plural names of its rows. ``told_apart`` are columns of other tables that identify
    its rows when counted as DISTINCT.
    """

    called: Words
    told_apart: tuple[str, ...] = ()


class Counted(Section):
    """After one of ``links`` a noun only describes what is counted, and likewise before one of
    ``never_before``.
    """

    tables: dict[str, TableWords] = {}
    links: Words = ()
    never_before: Words = ()


class PatternPair(Section):
    """A pattern for questions, and the pattern that the query must have then."""

    asked: Pattern
    read: Pattern


class Named(Section):
    """``spoken``: what must be read if it is asked. ``unspoken``: what must be asked if it is read.

    ``shown`` are columns that identify a person; ``large`` are capitalised words that are no names.
    """

    spoken: tuple[PatternPair, ...] = ()
    unspoken: tuple[PatternPair, ...] = ()
    shown: tuple[str, ...] = ()
    large: tuple[str, ...] = ()


class Meant(Section):
    """``names`` are unambiguous kinds of mention, ``columns`` the columns with such names.

    ``ambiguous`` words may be several names, or none: the *current* month, *open* debt. Those in
    ``amounts`` may be an amount. ``stateful`` are ids of rows that have a state.
    """

    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    stateful: tuple[str, ...] = ()


class Computed(Section):
    """``groups``: nouns after *per*; ``one_group``: nouns with such an ending that are no groups.

    ``typical``: nouns after *average* that ask for no average; ``summed``: what can be totalled;
    ``measured``: columns of amounts besides those in cents; ``listed``: nouns after *which*; ``paid``:
    verbs of money.
    """

    groups: Words = ()
    one_group: tuple[str, ...] = ()
    typical: Words = ()
    summed: Words = ()
    measured: tuple[str, ...] = ()
    listed: Words = ()
    paid: Words = ()


class Reworded(Section):
    r"""Replaces ``asked`` by ``instead``, which may refer to groups as ``\g<name>``."""

    asked: Pattern
    instead: str


class Derived(Section):
    """Rewordings. ``measures`` need no *how many*; ``everything`` are words that exclude nothing.

    ``spending`` is the question for the money spent, with ``spent`` as its result column and ``net`` as
    the column of the net flow. ``name`` is the column of people's full names.
    """

    measures: Words = ()
    everything: Words = ()
    spending: str = ""
    spent: str = ""
    net: str = ""
    name: str = ""
    reworded: tuple[Reworded, ...] = ()


class Turned(Section):
    """Negative words that name a state: ``states`` as a whole, ``never_yet`` after *not*, ``values`` in
    the database. ``ended`` are verbs for what has a duration.
    """

    states: Words = ()
    never_yet: Words = ()
    values: tuple[str, ...] = ()
    ended: Words = ()


class Misread(PatternPair):
    """Replaces ``read`` in the query by ``instead`` if the question matches ``asked``."""

    instead: str = ""


class Unasked(Section):
    """``called`` are other names of values, by column and value: a condition on such a value needs one
    of them in the question. ``misread`` are known mistakes. In ``whole`` columns a single word is never
    a complete value.
    """

    called: dict[str, dict[str, Words]] = {}
    misread: tuple[Misread, ...] = ()
    whole: tuple[str, ...] = ()


class Pointed(Section):
    """``kinds`` are the kinds of mention that *it* or *he* may stand for, ``things`` the singular nouns of
    such things, ``people`` those of people.
    """

    kinds: tuple[str, ...] = ()
    things: Words = ()
    people: Words = ()


class Known(Section):
    """The relations that the database holds. A question for *who*, *when* or *where* needs one of them.

    *Who* needs one only before one of ``things``: other questions name no act.
    """

    who: tuple[PatternPair, ...] = ()
    when: tuple[PatternPair, ...] = ()
    where: tuple[PatternPair, ...] = ()
    things: Words = ()


class Wording(Section):
    """``words`` may contain the named groups of ``sql``; ``took`` is an operator, ``weekday`` a number."""

    sql: Pattern
    words: str

    @model_validator(mode="after")
    def _only_known_groups(self) -> Self:
        try:
            self.words.format(**self.sql.groupindex)
        except (KeyError, IndexError) as error:
            raise ValueError(f"{self.words!r} names what {self.sql.pattern!r} lacks") from error
        return self


class Wordings(Section):
    """Wordings of ``conditions``, and of ``expressions`` that are used like columns."""

    expressions: tuple[Wording, ...] = ()
    conditions: tuple[Wording, ...] = ()


class Vocabulary(Section):
    """The vocabulary of a database.

    ``closed`` are the possible values of columns, ``born`` matches the column of birth dates.
    ``absent`` matches replies that say that the database lacks something. Words ``of_all`` before a
    noun exclude nothing, as in *bank accounts*. ``comparing`` words compare amounts without a number;
    ``other_places`` are spelt similarly to a place in the database.
    """

    counted: Counted = Counted()
    closed: dict[str, tuple[str, ...]] = {}
    nouns: Words = ()
    named: Named = Named()
    meant: Meant = Meant()
    computed: Computed = Computed()
    derived: Derived = Derived()
    turned: Turned = Turned()
    unasked: Unasked = Unasked()
    pointed: Pointed = Pointed()
    known: Known = Known()
    told: Wordings = Wordings()
    born: Word = NEVER
    absent: Pattern = re.compile(NEVER)
    of_all: Words = ()
    comparing: Words = ()
    other_places: tuple[str, ...] = ()


def either(words: Iterable[str]) -> str:
    """A pattern for any of the words; without words it matches nothing."""
    return "|".join(words) or NEVER


def read_vocabulary(path: Path) -> Vocabulary:
    """Raises `Misconfigured` if the file is missing or invalid."""
    try:
        return Vocabulary.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"the analyst's words of {path.name} cannot be read") from error
