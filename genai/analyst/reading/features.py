"""Features of questions (words and pairs) and of queries (selected columns, tables, conditions)."""

import re
from collections.abc import Iterator
from typing import Final

WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\d,.]*|[%€<>+/]")
NUMBER: Final = "#"
LONG_NUMBER: Final = "####"
BEFORE: Final = "^"
"""Prefix of n-grams of the previous question."""

TEXT: Final = re.compile(r"(\w)\.(\w+) (=|<>) '([^']*)'")
AMONG: Final = re.compile(r"(\w)\.(\w+) IN \(([^)]*)\)")
SIGN: Final = re.compile(r"(\w\.\w+)\)? (>=|<=|>|<|BETWEEN|LIKE) ")
SOURCE: Final = re.compile(r"^SELECT (?P<head>.*?) FROM (?P<table>\w+)", re.DOTALL)
HELD: Final = re.compile(r"(NOT EXISTS|EXISTS) \(SELECT 1 FROM (\w+)")
INNER: Final = re.compile(r"\(SELECT (COUNT|-?SUM|AVG)\([^)]*\) FROM (\w+)")
GROUP: Final = re.compile(r" GROUP BY (.*?)(?= HAVING| ORDER BY| LIMIT|$)")
ORDER: Final = re.compile(r" ORDER BY (.*?)(?= LIMIT|$)")
NAMED: Final = re.compile(r" AS (\w+)")


def ngrams(question: str) -> set[str]:
    """Unigrams and bigrams. Numbers become placeholders by length."""
    *before, last = question.lower().split("\n")
    found = set(_grams(last))
    for line in before:
        found |= {f"{BEFORE}{gram}" for gram in _grams(line)}
    return found


def _grams(line: str) -> Iterator[str]:
    words = [_word(word) for word in WORD.findall(line)]
    yield from words
    for first, second in zip(["", *words], [*words, ""], strict=True):
        yield f"{first} {second}"


def _word(word: str) -> str:
    if not word[0].isdigit():
        return word
    digits = word.replace(",", "").rstrip(".")
    if re.fullmatch(r"(?:19|20)\d\d", digits):
        return digits
    return LONG_NUMBER if len(digits) > 3 else NUMBER


def query_features(sql: str) -> set[str]:
    """Selected columns, tables, groups and conditions."""
    found = set(_conditions(sql))
    source = SOURCE.match(sql)
    if source is None:
        return found
    head = source["head"]
    found.add(f"from {source['table']}")
    found |= {f"as {name}" for name in NAMED.findall(head)}
    if " AS " not in head:
        found.add(f"show {head}")
    if "DISTINCT" in head:
        found.add("distinct")
    if match := GROUP.search(sql):
        found |= {f"by {part.strip()}" for part in re.split(r", (?![^()]*\))", match[1])}
    if match := ORDER.search(sql):
        found.add(
            f"down {'2' if match[1].startswith('2') else ''}" if match[1].endswith("DESC") else "up"
        )
        if not match[1].startswith("2"):
            found.add(f"order {match[1].removesuffix(' DESC')}")
    for word in (" LIMIT ", " OFFSET ", " HAVING ", "100.0 * SUM", " CASE WHEN"):
        if word in sql:
            found.add(word.strip())
    return found


def _conditions(sql: str) -> Iterator[str]:
    for alias, column, sign, value in TEXT.findall(sql):
        yield f"{alias}.{column} {sign} {value.rstrip('%')}"
    for alias, column, values in AMONG.findall(sql):
        for value in re.findall(r"'([^']*)'", values):
            yield f"{alias}.{column} = {value}"
    for column, sign in SIGN.findall(sql):
        yield f"{column} {'time' if column.endswith(('_on', '_at', '_date')) else sign}"
    for what, table in (*HELD.findall(sql), *INNER.findall(sql)):
        yield f"{what} {table}"
    if "TRIM('" in sql:
        yield "a name"
