"""Puts the conditions of a query into words, to show how the question was understood."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from typing import Final

from genai.analyst import vocabulary

WHERE: Final = re.compile(r" WHERE (.*?)(?: GROUP BY | ORDER BY | LIMIT |$)")
BETWEEN: Final = re.compile(r"( BETWEEN \S+(?: \* \d+)*) AND ")
HIDDEN: Final = "\0"
"""Replaces the AND of a BETWEEN, which joins no conditions."""

COMPARED: Final = {
    "=": "",
    "<>": "not ",
    ">": "above ",
    "<": "below ",
    ">=": "from ",
    "<=": "up to ",
    "LIKE": "",
}
AGO: Final = {
    ">": "in the last {n}",
    ">=": "in the last {n}",
    "<": "more than {n} ago",
    "<=": "at least {n} ago",
}
TOOK: Final = {">": "more than", "<": "less than", ">=": "at least", "<=": "at most"}
DAYS: Final = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
NAMED: Final = {
    "took": TOOK,
    "weekday": {str(number): day for number, day in enumerate(DAYS)},
}
"""Translates the texts of these groups in vocabulary patterns."""

PER_HOLDER: Final = re.compile(r"/ COUNT\(DISTINCT \w\.(?P<one>\w+)_id\)")
"""An average that leaves out those without a row."""

HELD: Final = re.compile(
    r"(?P<not>NOT )?EXISTS \(SELECT 1 FROM (?P<table>\w+) .*? WHERE \w\.\w+ = \w\.\w+(?: AND (?P<rest>.*))?\)"
)
NUMBERED: Final = re.compile(
    r"\(SELECT (?P<what>COUNT\(\*\)|-?SUM\([^)]*\)) FROM (?P<table>\w+) .*? WHERE \w\.\w+ = \w\.\w+"
    r"(?: AND (?P<rest>.*))?\) (?P<sign>[<>=]+) (?P<number>\d+(?:\.\d+)?(?: \* \d+)*)"
)
_COLUMN: Final = r"(?:substr\()?\w\.(?P<column>\w+)(?:, 1, \d+\))?"
_VALUE: Final = r"(?:'(?P<text>[^']*)'|(?P<number>\d+(?:\.\d+)?(?: \* \d+)*))"
_RANGE: Final = r"(?:'(?P<from>[^']*)'|(?P<low>[\d. *]+))\0(?:'(?P<to>[^']*)'|(?P<high>[\d. *]+))"
_BACK: Final = (
    r"date\('[\d-]+', (?:'-(?P<n>\d+) (?P<unit>\w+?)s'|\(-7 \* (?P<weeks>\d+)\) \|\| ' days')\)"
)

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]


class Understanding:
    def __init__(self, words: vocabulary.Wordings) -> None:
        self._expressions = words.expressions
        self._rules: tuple[Rule, ...] = (
            *((one.sql, partial(_worded, one.words)) for one in words.conditions),
            (HELD, self._existence_text),
            (NUMBERED, self._count_text),
            *RULES,
        )

    def understood(self, sql: str) -> str:
        """Such as "segment premium, joined on 2025", and who is left out of an average; without the
        conditions if one cannot be put into words.
        """
        found, said = WHERE.search(sql), ""
        if found and " FROM (" not in sql and not sql.startswith("SELECT ("):
            said = self._conjunction_text(found[1]) or ""
        return ", ".join(part for part in (_left_out(sql), said) if part)

    def ordered(self, sql: str) -> str:
        """The query with sorted, unique conditions."""
        found = WHERE.search(sql)
        if found is None or sql.startswith("SELECT ("):
            return sql
        parts = sorted(set(self._parts(found[1])))
        return f"{sql[: found.start(1)]}{' AND '.join(parts)}{sql[found.end(1) :]}"

    def _conjunction_text(self, conditions: str) -> str | None:
        parts = [self._condition_text(part) for part in self._parts(conditions)]
        return None if None in parts else ", ".join(part for part in parts if part)

    def _parts(self, conditions: str) -> Iterator[str]:
        for one in self._expressions:
            conditions = one.sql.sub(partial(_worded, one.words), conditions)
        return _split(conditions)

    def _condition_text(self, condition: str) -> str | None:
        for pattern, words in self._rules:
            if match := pattern.fullmatch(condition):
                return words(match)
        return None

    def _existence_text(self, match: re.Match[str]) -> str | None:
        """An EXISTS condition."""
        rest = self._conjunction_text(match["rest"]) if match["rest"] else ""
        if rest is None:
            return None
        word = "without" if match["not"] else "with"
        return f"{word} {match['table']}" + (f" ({rest})" if rest else "")

    def _count_text(self, match: re.Match[str]) -> str | None:
        rest = self._conjunction_text(match["rest"]) if match["rest"] else ""
        if rest is None:
            return None
        number = prod(float(factor) for factor in match["number"].split(" * "))
        if match["what"] == "COUNT(*)":
            what, said = f"number of {match['table']}", _plain(number)
        else:
            what, said = f"sum of {match['table']}", f"{_plain(number / 100)} EUR"
        return f"{what}{f' ({rest})' if rest else ''} {COMPARED[match['sign']]}{said}"


def _left_out(sql: str) -> str:
    found = PER_HOLDER.search(sql)
    return f"counting no {found['one']} without any" if found else ""


def _split(conditions: str) -> Iterator[str]:
    """Splits at ANDs outside parentheses."""
    text = BETWEEN.sub(rf"\1{HIDDEN}", conditions)
    depth, part = 0, ""
    for piece in re.split(r"( AND |\(|\))", text):
        depth += (piece == "(") - (piece == ")")
        if piece == " AND " and depth == 0:
            yield part
            part = ""
        else:
            part += piece
    yield part


def _worded(words: str, match: re.Match[str]) -> str:
    """Fills the wording of a condition with its groups."""
    said = {name: NAMED.get(name, {}).get(text, text) for name, text in match.groupdict().items()}
    return words.format(**said)


def _compared(match: re.Match[str]) -> str:
    value = match["text"].rstrip("%") if match["text"] else _number(match["number"], match)
    return f"{_name(match)} {COMPARED[match['sign']]}{value}"


def _ranged(match: re.Match[str]) -> str:
    if match["from"] is not None:
        return f"{_name(match)} {match['from']} to {match['to']}"
    return f"{_name(match)} {_number(match['low'], match)} to {_number(match['high'], match)}"


def _among(match: re.Match[str]) -> str:
    values = re.findall(r"'([^']*)'", match["values"])
    return f"{_name(match)} {' or '.join(values)}"


def _back(match: re.Match[str]) -> str:
    number, unit = (match["weeks"], "week") if match["weeks"] else (match["n"], match["unit"])
    stretch = f"{number} {unit}{'' if number == '1' else 's'}"
    return f"{_name(match)} {AGO[match['sign']].format(n=stretch)}"


def _name(match: re.Match[str]) -> str:
    return match["column"].removesuffix("_cents").replace("_", " ")


def _number(text: str, match: re.Match[str]) -> str:
    """Amounts are in cents, and may be products."""
    factors = [float(factor) for factor in text.split(" * ")]
    if match["column"].endswith("_cents"):
        return f"{_plain(prod(factors) / 100)} EUR"
    return _plain(prod(factors))


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"LOWER\(\w\.(\w+)\) = TRIM\(' ?([^']*)'\)"), lambda m: f"{m[1]} {m[2].title()}"),
    (re.compile(rf"{_COLUMN} (?P<sign>[<>]=?) {_BACK}"), _back),
    (
        re.compile(rf"{_COLUMN} (?P<sign>[<>]) \(SELECT AVG\(\w+\) FROM \w+\)"),  # noqa: S608
        lambda m: f"{_name(m)} {COMPARED[m['sign']]}the average",
    ),
    (re.compile(rf"(?:ABS\()?{_COLUMN}\)? (?P<sign>=|<>|>=|<=|>|<|LIKE) {_VALUE}"), _compared),
    (re.compile(rf"{_COLUMN} BETWEEN {_RANGE}"), _ranged),
    (re.compile(rf"{_COLUMN} IN \((?P<values>[^()]*)\)"), _among),
)
"""Rules for any table."""
