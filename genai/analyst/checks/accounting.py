"""Checks that a query uses every number and name of the question, no other name, and only its own tables.

A model trained to write SQL still drops or invents a condition now and then. What a question names can be
determined without it: numbers, and the names known from the worked examples.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.reading.normalise import SMALL
from genai.analyst.vocabulary import either
from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import NUMBERS

ASKED: Final = re.compile(
    r"(?<![\w.,-])(?P<n>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th|(?P<many>'?s\b))?"
    r"(?P<scale>\s?(?:k|m|thousand|million|hundred)\b)?",
    re.IGNORECASE,
)
DATE: Final = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")
COUNTED_OFF: Final = re.compile(
    r"\bquarter \d\b|\b\d+ months of\b|\b\d[qh]\b|\b\d(?:st|nd|rd|th)[ -](?=most|least|\w+est\b)",
    re.IGNORECASE,
)
"""Expressions whose number becomes a month or a rank."""

SPELLED: Final = re.compile(
    rf"\b(?P<n>{'|'.join(NUMBERS)})\s(?P<scale>hundred|thousand|million)\b", re.IGNORECASE
)
PRODUCT: Final = re.compile(r"\d+(?:\.\d+)?(?: \* \d+)*")
TEXT: Final = re.compile(r"'([^']*)'")
SCALES: Final = {
    "hundred": 100,
    "k": 1_000,
    "thousand": 1_000,
    "m": 1_000_000,
    "million": 1_000_000,
}

BOTH: Final = re.compile(r"\bboth\b", re.IGNORECASE)
"""Requires every mention in the query."""

TWELVE: Final = 12
"""Smaller number words may be no numbers, unless compared: *one of them*, *the two of us*."""

COMPARED: Final = re.compile(
    r"\b(?:(?P<beyond>more than)|fewer than|less than|at (?:least|most)(?! one\b)|exactly)"
    rf" (?P<n>{'|'.join(SMALL)})\b"
    r"(?! (?:day|week|month|quarter|year|times?\b|hundred|thousand|million))",
    re.IGNORECASE,
)
"""*At least one* is no number: a row has to exist."""

JOINED: Final = re.compile(r"\s*(?:,|,? (?:and|or)\b|&)\s*(?:the )?", re.IGNORECASE)
"""Between the names of a list: *active, blocked and expired cards*."""

NO_VALUE: Final = re.compile(r"\bSELECT 1 FROM\b|, 1, \d+\)|(?<=\)), 2\)|(?<=100\.0), 2\)")
"""Numbers that every query of a form has: of ``EXISTS``, ``substr`` and ``ROUND``."""

OR: Final = re.compile(r"\bor\b", re.IGNORECASE)
"""Requires every mention that shares its kind with another one, such as two states."""

USED: Final = re.compile(r"(?<!\w)([a-z])\.[a-z_]+")
GLUED: Final = re.compile(r"(?<![\w'])[a-z]\.[a-z_]*[a-z]\d")
INNER: Final = re.compile(r"\(SELECT\b")
BARE: Final = re.compile(
    r"\b(?:WHERE|AND|OR) \(SELECT (?:COUNT|SUM)\([^()]*\)(?:[^()]|\([^()]*\))*\)(?! (?:[<>=]|BETWEEN|IN\b))"
)
"""A subquery used as a condition without a comparison: true for any number but 0."""

BROUGHT: Final = re.compile(r"\b(?:FROM|JOIN) \w+ ([a-z])\b")


def well_formed(sql: str) -> bool:
    """Whether each column belongs to a table in scope and does not end in a digit, and each counting
    subquery is compared with a number.
    """
    return not (GLUED.search(sql) or BARE.search(sql)) and _reads_its_own(
        TEXT.sub("", sql), frozenset()
    )


def _reads_its_own(sql: str, known: frozenset[str]) -> bool:
    """``known`` are the aliases of the outer queries."""
    plain, inner = _apart(sql)
    read = known | set(BROUGHT.findall(plain))
    return set(USED.findall(plain)) <= read and all(_reads_its_own(one, read) for one in inner)


def _apart(sql: str) -> tuple[str, list[str]]:
    """Splits a query into its text without subqueries, and the subqueries."""
    plain, inner = "", []
    while begin := INNER.search(sql):
        end, depth = begin.end(), 1
        while depth and end < len(sql):
            depth += (sql[end] == "(") - (sql[end] == ")")
            end += 1
        plain += f"{sql[: begin.start()]} "
        inner.append(sql[begin.start() + 1 : end - 1])
        sql = sql[end:]
    return plain + sql, inner


class Accounting:
    def __init__(self, words: vocabulary.Meant) -> None:
        self._names = frozenset(words.names)
        self._ambiguous = frozenset(words.ambiguous)
        self._amounts = frozenset(words.amounts)
        self._stateful = re.compile(rf"\b[a-z]\.(?:{either(words.stateful)}) = \d")
        self._looked_for = re.compile(
            rf"\w\.(?:{either(words.columns)}) (?:=|<>|IN) ?\(?('[^)]*?'(?:, '[^']*')*)"
        )

    def accounted(
        self, question: str, mentions: tuple[Mention, ...], sql: str, before: str = ""
    ) -> bool:
        """``before`` is the question that this one follows up: the query may use its names, too."""
        used = set(_used(sql))
        if any(not number & used for number in _asked(question)):
            return False
        texts = _texts(sql)
        named = {str(v).lower() for m in mentions for v in m.kinds.values()}
        said = f"{before} {question}".lower()
        strict = self._surely_meant(question, mentions, sql)
        return all(self._is_in_query(m, texts, used, strict=m in strict) for m in mentions) and all(
            text in named or text in said for text in self._named_in(sql)
        )

    def carried(
        self,
        before: str,
        mentions: tuple[Mention, ...],
        question: str,
        new: tuple[Mention, ...],
        sql: str,
    ) -> bool:
        """Whether the query of a follow-up keeps the names of the question before, where it names no
        other.
        """
        used = set(_used(sql))
        texts = _texts(sql)
        named = {kind for m in new for kind in m.kinds}
        kept = [m for m in mentions if not named & m.kinds.keys()]
        strict = self._surely_meant(before, tuple(kept), sql)
        numbers = () if any(_asked(question)) else tuple(_asked(before))
        return all(number & used for number in numbers) and all(
            self._is_in_query(m, texts, used, strict=m in strict) for m in kept
        )

    def _surely_meant(
        self, question: str, mentions: tuple[Mention, ...], sql: str
    ) -> tuple[Mention, ...]:
        """The mentions that are not ambiguous, so the query must use them."""
        if BOTH.search(question):
            return tuple(m for m in mentions if m.text.lower() not in self._amounts)
        if not self._stateful.search(sql):
            listed = _listed(question, mentions)
            return tuple(
                m
                for m in mentions
                if (m.headed or m in listed or m.text.lower() not in self._ambiguous)
                and _has_text(m)
            )
        if not OR.search(question):  # a query for one row shows its state, whatever state is asked
            return ()
        kinds = Counter(
            kind for m in mentions for kind, value in m.kinds.items() if _is_word(value)
        )
        return tuple(m for m in mentions if any(kinds[kind] > 1 for kind in m.kinds))

    def _is_in_query(
        self, mention: Mention, texts: list[str], used: set[float], *, strict: bool
    ) -> bool:
        for kind, value in mention.kinds.items():
            if kind not in self._names and not strict:
                return True
            if isinstance(value, int):
                if value in used:
                    return True
            elif any(str(value).lower() in text or text in mention.text.lower() for text in texts):
                return True
        return False

    def _named_in(self, sql: str) -> Iterator[str]:
        """The names that the query searches for."""
        for match in self._looked_for.finditer(sql):
            yield from (text.lower() for text in TEXT.findall(match[1]))


def _listed(question: str, mentions: tuple[Mention, ...]) -> list[Mention]:
    """The mentions of one kind that stand in a list, where no word is ambiguous."""
    return [
        one
        for pair in pairwise(sorted(mentions, key=lambda m: m.start))
        if pair[0].kinds.keys() & pair[1].kinds.keys()
        and JOINED.fullmatch(question, pair[0].end, pair[1].start)
        for one in pair
    ]


def _texts(sql: str) -> list[str]:
    return [text.strip().lower() for text in TEXT.findall(sql)]


def _has_text(mention: Mention) -> bool:
    return any(isinstance(value, str) for value in mention.kinds.values())


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.replace(" ", "").isalpha()


def _asked(question: str) -> Iterator[frozenset[float]]:
    """For each number in the question, the values that may represent it."""
    question = COUNTED_OFF.sub("", DATE.sub(r"\1 \2 \3", question))
    for match in ASKED.finditer(question):
        if match["many"]:  # the 1980s, their 30s
            continue
        yield _meant(float(match["n"].replace(",", "").rstrip(".")), match["scale"])
    for word in re.findall(r"[a-z]+", question.lower()):
        if SMALL.get(word, 0) > TWELVE:
            yield _meant(float(SMALL[word]), None)
    for match in COMPARED.finditer(question):
        number = SMALL[match["n"].lower()]
        yield frozenset({number, number + (1 if match["beyond"] else -1)})
    for match in SPELLED.finditer(question):
        yield _meant(float(NUMBERS[match["n"].lower()]), match["scale"])


def _meant(number: float, scale: str | None) -> frozenset[float]:
    whole = number * SCALES[scale.strip().lower()] if scale else number
    return frozenset({number, whole, whole * 100})


def _used(sql: str) -> Iterator[float]:
    """All numbers in the query, in strings and as values of products, too."""
    for match in PRODUCT.finditer(NO_VALUE.sub("", sql)):
        value = 1.0
        for factor in match[0].split(" * "):
            value *= float(factor)
            yield value
            yield float(factor)
