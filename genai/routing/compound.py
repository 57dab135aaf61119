"""Knows a question that asks for several things, and which route answers each of them.

*How many customers live in Dublin, and what does an overdraft cost?* has two parts: figures from the
database, and a rule from the documents. *How many cards and how many loans are there?* has two figures.

Words tell where a question may be cut (`genai.routing.clauses`), so most questions cost a search for a few
words. Whether it is cut, the routes of the parts say, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from genai.messages import Route
from genai.rag.followup import Lean, lean
from genai.rag.impersonal import impersonal
from genai.rag.topic import told_alone
from genai.routing.base import SURE, Judgement, Router
from genai.routing.clauses import Clause, cut_clauses
from genai.routing.openings import counts_alone, described, orders

MIN_CONFIDENCE: Final = 0.08
"""How sure the router must be of parts which words alone do not tell apart."""

FIGURES: Final[Route] = "agent"
"""Where what is found for one part is at hand in the next: *which customer ..., and where do they live?*"""


class Part(NamedTuple):
    """``surely`` no other route answers it."""

    text: str
    route: Route
    surely: bool = False


@dataclass(frozen=True, slots=True)
class _Half:
    """``full`` is the clause with what a word stands for that was said in the one before."""

    clause: Clause
    full: str
    judged: Judgement

    @property
    def text(self) -> str:
        return self.clause.text

    @property
    def figure(self) -> bool:
        return self.judged.route == FIGURES

    @property
    def leans(self) -> bool:
        return lean(self.text) is not Lean.NOT


class Compound:
    """``router`` says which route a text resembles, and how surely."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def async_parts(self, text: str) -> tuple[Part, ...]:
        """The parts in order; one where they only say something together, whose route they know better
        than the whole does; none for a question without parts.
        """
        clauses = cut_clauses(text)
        if not clauses:
            return ()
        full = _in_full(clauses)
        judged = await self._router.async_judge([impersonal(text) for text in full])
        halves = _together(list(map(_Half, clauses, full, judged)))
        parts = tuple(_parts(halves))
        return parts if len(parts) > 1 else (parts[0]._replace(text=text),)

    async def async_whole(self, text: str) -> Part:
        """A question that stays whole."""
        [judged] = await self._router.async_judge([impersonal(text)])
        return Part(text, judged.route, judged.confidence >= SURE)


def _in_full(clauses: Sequence[Clause]) -> list[str]:
    full: list[str] = []
    for clause in clauses:
        leans = bool(full) and lean(clause.text) is Lean.SURELY
        full.append(told_alone(clause.text, full[-1]) if leans else clause.text)
    return full


def _together(halves: Sequence[_Half]) -> list[_Half]:
    """With those in one that only say something together."""
    found = [halves[0]]
    for before, half in pairwise(halves):
        if _apart(before, half):
            found.append(half)
        else:
            found[-1] = _both(found[-1], half)
    return found


def _both(before: _Half, half: _Half) -> _Half:
    """Two figures, each of them likely, make one that is sure."""
    both = Judgement(FIGURES, 1.0) if before.figure and half.figure else before.judged
    text = f"{before.text.rstrip('?.')} and {half.text[:1].lower()}{half.text[1:]}"
    return replace(before, clause=replace(before.clause, text=text), full=text, judged=both)


def _apart(before: _Half, half: _Half) -> bool:
    if half.clause.loose and half.full == half.text:
        return _differ(before, half)
    if orders(before.text) or orders(half.text):
        return True
    if before.figure and half.figure:
        return not half.leans and counts_alone(before.text, half.text)
    if half.leans and half.full == half.text:
        return before.figure and half.judged.confidence >= SURE
    return True


def _differ(before: _Half, half: _Half) -> bool:
    """By their routes; or, of two rules, by what each says that it belongs to."""
    if before.figure != half.figure:
        return min(before.judged.confidence, half.judged.confidence) >= MIN_CONFIDENCE
    return not half.figure and described(before.text) and described(half.text)


def _parts(halves: Sequence[_Half]) -> Iterator[Part]:
    """A rule is found with what was told before it. A figure is asked for alone, unless it leans on one:
    *how many of them are premium?* after those of Dublin means no others.
    """
    after_figure = False
    for half in halves:
        figure = half.text if after_figure else f"{half.full[:1].upper()}{half.full[1:]}"
        text = figure if half.figure else half.clause.whole
        yield Part(text, half.judged.route, half.judged.confidence >= SURE)
        after_figure = half.figure
