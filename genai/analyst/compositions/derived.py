"""Derives the answers to questions of an unknown form from questions of known forms.

    "How many debit cards per credit card?"  ─▶ how many debit cards? ÷ how many credit cards?
    "Compare blocked debit and credit cards" ─▶ both numbers, side by side
    "Share of transactions per channel"      ─▶ transactions per channel, as parts of their sum
    "Which weekday sees most payments?"      ─▶ which month does, grouped by weekday instead
    "Net cash flow in May"                   ─▶ what was spent in May, without the condition on the sign
    "Median balance of savings accounts"     ─▶ the average, replaced by the median
    "Payments per day in May on average"     ─▶ payments in May, divided by the number of days

Each derived question is asked by itself and must pass all checks; only the combination of the queries
is new.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.checks.comparisons import COMPARED, DIFFERENCE, RATIO
from genai.analyst.checks.shares import read_share, share_of_each
from genai.analyst.compositions import side_by_side
from genai.analyst.compositions.left_out import left_out
from genai.analyst.compositions.medians import MEDIAN, median
from genai.analyst.compositions.one_side import OneSide
from genai.analyst.compositions.per_day import per_day
from genai.analyst.compositions.surnames import surname
from genai.analyst.reading.alternatives import Find, alternatives
from genai.analyst.vocabulary import either

Finish = Callable[..., str | None]
"""Combines the queries of the questions."""


@dataclass(frozen=True, slots=True)
class DerivedQuestions:
    """Questions to ask instead. ``alike`` marks an equivalent question, whose query must pass all
    checks for the original one.
    """

    questions: tuple[str, ...]
    finish: Finish
    alike: bool = False


NET: Final = re.compile(
    r"\bnet (?:cash ?)?(?:flows?|inflows?|outflows?|movements?|change)\b"
    r"|\bhow much more (?:money |cash )?(?:came|flowed|was paid) in than (?:went|flowed|was paid) out\b",
    re.IGNORECASE,
)
IN_MINUS_OUT: Final = re.compile(
    r"[,(]? ?(?:money |cash )?in(?:flows?)? (?:minus|less) (?:money |cash )?out(?:flows?)?\)?,?",
    re.IGNORECASE,
)
WEEKDAY: Final = re.compile(
    r"\b(?P<asks>which|what|by|per|each) (?:week ?day|days? of the week)\b", re.IGNORECASE
)
ON_A_DAY: Final = re.compile(r"^on (?=which|what)", re.IGNORECASE)
OF_SOME: Final = re.compile(r"^(?:of|for) (?:the |our )?", re.IGNORECASE)
IN_PERCENT: Final = re.compile(
    r",? ?(?:in percent|in %|as (?:a )?percent(?:age)?s?)\b", re.IGNORECASE
)
ASKS: Final = re.compile(
    r"\b(?:how (?:many|much)|which|what(?:'s)?|who(?:'s)?|when|where)\b", re.IGNORECASE
)
CHAT: Final = re.compile(
    r"[,;.?]? (?:can|could|would|will) you (?:check|tell me|look (?:that|it) up|find out|say)(?: please)?$"
    r"|[,;.?]? (?:please|thanks|thank you|if possible|do you know)$",
    re.IGNORECASE,
)
SAYS: Final = re.compile(
    r"\d|\b(?:not?|non|except\w*|exclud\w*|without|besides|only|of|on|among|for|since|if|by|in|average)\b",
    re.IGNORECASE,
)
"""Words by which text before the question changes its meaning."""

OTHER_AVERAGE: Final = re.compile(r"\b(?:average|avg|mean)\b", re.IGNORECASE)
IN_DAYS: Final = re.compile(r",? \(?(?:measured |counted )?in days\)?$", re.IGNORECASE)
HOW_LONG: Final = re.compile(r"\bhow long\b", re.IGNORECASE)
NUMBER_OF: Final = re.compile(
    r"^(?:what(?:'s| is| was) |give me |tell me |show me )?(?:the )?(?:number|count) of (?:the |our )?",
    re.IGNORECASE,
)

FINISHES: Final = (
    (RATIO, side_by_side.ratio),
    (DIFFERENCE, side_by_side.difference),
    (COMPARED, side_by_side.both),
)


class Derivation:
    """``nouns`` are the plural names of rows."""

    def __init__(
        self,
        words: vocabulary.Derived,
        nouns: Collection[str],
        today: Callable[[], date] = date.today,
    ) -> None:
        self._words = words
        self._today = today
        self._one_side = OneSide(nouns, words.measures)
        self._noun = re.compile(rf"\b(?:{either(nouns)})\b", re.IGNORECASE)
        self._of_all = re.compile(
            rf"^ (?:of|for|on|across|over|in) (?:all |the |our |all the |all our )"
            rf"(?:{either(words.everything)})\b",
            re.IGNORECASE,
        )

    def ways(self, question: str, find: Find) -> Iterator[DerivedQuestions]:
        """Ways to derive the answer."""
        question = question.strip(" ?!.")
        readers = (
            *(self._net, _weekday, _share_of_each, self._side_by_side, _share, self._core),
            *(_median, _left_out, self._per_day, self._surname, self._reworded),
        )
        for found in (read(question, find) for read in readers):
            if found is not None:
                yield found

    def _net(self, question: str, find: Find) -> DerivedQuestions | None:
        found, words = NET.search(question), self._words
        if found is None or not words.spending or find(question[: found.start()]):
            return None
        rest = self._of_all.sub("", IN_MINUS_OUT.sub("", question[found.end() :])).strip(" ,?.")
        finish = partial(side_by_side.netted, spent=words.spent, net=words.net)
        return DerivedQuestions((f"{words.spending} {OF_SOME.sub('from ', rest)}?",), finish)

    def _side_by_side(self, question: str, find: Find) -> DerivedQuestions | None:
        finish = next((finish for asked, finish in FINISHES if asked.search(question)), None)
        if finish is None or NET.search(question):
            return None
        pair = alternatives(self._one_side.opened(question), find)
        if pair is None:
            return None
        first, second = map(self._one_side.asking, pair)
        return DerivedQuestions((first, second), finish)

    def _core(self, question: str, find: Find) -> DerivedQuestions | None:
        """The question without surrounding chat, if that names and negates nothing."""
        asked = ASKS.search(question)
        if asked is None:
            return None
        core = CHAT.sub("", question[asked.start() :])
        chat = question[: asked.start()]
        if core == question or SAYS.search(chat) or self._noun.search(chat):
            return None
        if len(find(core)) < len(find(question)):
            return None
        return DerivedQuestions((f"{core[0].upper()}{core[1:]}?",), _as_it_is, alike=True)

    def _per_day(self, question: str, find: Find) -> DerivedQuestions | None:
        return _of_one(per_day(question, find, self._today()))

    def _surname(self, question: str, find: Find) -> DerivedQuestions | None:
        return _of_one(surname(question, self._words.name)) if self._words.name else None

    def _reworded(self, question: str, find: Find) -> DerivedQuestions | None:
        """The question in words that are closer to the training data."""
        other = IN_DAYS.sub("", question) if HOW_LONG.search(question) else question
        other = NUMBER_OF.sub("How many ", other)
        for one in self._words.reworded:
            other = one.asked.sub(one.instead, other)
        return (
            DerivedQuestions((f"{other}?",), _as_it_is, alike=True) if other != question else None
        )


def _median(question: str, find: Find) -> DerivedQuestions | None:
    if not MEDIAN.search(question) or OTHER_AVERAGE.search(question):
        return None
    return DerivedQuestions((f"{MEDIAN.sub('average', question)}?",), median)


def _left_out(question: str, find: Find) -> DerivedQuestions | None:
    return _of_one(left_out(question, find))


def _of_one(found: tuple[str, Finish] | None) -> DerivedQuestions | None:
    """A derivation from one question."""
    return DerivedQuestions((found[0],), found[1]) if found else None


def _as_it_is(query: str) -> str:
    return query


def _weekday(question: str, find: Find) -> DerivedQuestions | None:
    if not WEEKDAY.search(question):
        return None
    month = ON_A_DAY.sub("", WEEKDAY.sub(lambda found: f"{found['asks']} month", question))
    return DerivedQuestions((f"{month[0].upper()}{month[1:]}?",), side_by_side.by_weekday)


def _share_of_each(question: str, find: Find) -> DerivedQuestions | None:
    found = share_of_each(question, find)
    if found is None:
        return None
    more = IN_PERCENT.sub("", found["more"] or "").strip(" ,")
    asked = f"Number of {found['what']} by {found['group']} {more}".strip()
    return DerivedQuestions((asked,), side_by_side.as_shares)


def _share(question: str, find: Find) -> DerivedQuestions | None:
    share = read_share(question)
    if share is None or not find(share.part):
        return None
    asked = f"How many {share.whole} {share.part}?"
    return DerivedQuestions((asked, f"How many {share.whole} are there?"), side_by_side.share)
