"""Recognises compound questions, and routes their parts.

*How many customers live in Dublin, and what does an overdraft cost?* has two parts: figures from the
database, and a rule from the documents. *How many cards and how many loans are there?* has two figures.

Candidate splits are found by words (`genai.language.clauses`), so that most questions cost next to nothing.
Whether to split there also depends on the routes of the parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from genai.language.clauses import Clause, split_clauses
from genai.language.followup import Dependence, dependence
from genai.language.impersonal import impersonal
from genai.language.openings import counts_alone, described, orders
from genai.language.topic import told_alone
from genai.messages import Route
from genai.routing.base import SURE, Judgement, Router
from genai.routing.ordered import IsOrder

MIN_CONFIDENCE: Final = 0.08
"""The confidence that the router must have in parts that words alone do not separate."""

FIGURES: Final[Route] = "agent"
"""The route on which one part can use the result of another: *which of them ..., and where are they?*"""


class Part(NamedTuple):
    """``surely``: no other route can answer it."""

    text: str
    route: Route
    surely: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A clause with its route. ``full`` is the clause with references to the one before resolved."""

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
    def orders(self) -> bool:
        return self.clause.order or orders(self.text)

    @property
    def leans(self) -> bool:
        return dependence(self.text) is not Dependence.NOT


class Compound:
    """Splits compound questions, and routes their parts with ``router``."""

    def __init__(self, router: Router, ordered: IsOrder = lambda texts: False) -> None:
        self._router = router
        self._ordered = ordered

    async def async_parts(self, text: str) -> tuple[Part, ...]:
        """The parts in order. A single part if they belong together, whose route is more reliable than
        that of the whole. Empty if the question is not compound.
        """
        clauses = split_clauses(text, is_order=lambda part: self._ordered([part]))
        if not clauses:
            return ()
        full = _in_full(clauses)
        judged = await self._router.async_judge([impersonal(text) for text in full])
        candidates = _together(list(map(_Candidate, clauses, full, judged)))
        parts = tuple(_parts(candidates))
        return parts if len(parts) > 1 else (parts[0]._replace(text=text),)

    async def async_whole(self, text: str) -> Part:
        """The routing of a question that is not split."""
        [judged] = await self._router.async_judge([impersonal(text)])
        return Part(text, judged.route, judged.confidence >= SURE)


def _in_full(clauses: Sequence[Clause]) -> list[str]:
    full: list[str] = []
    for clause in clauses:
        leans = bool(full) and dependence(clause.text) is Dependence.SURELY
        full.append(told_alone(clause.text, full[-1]) if leans else clause.text)
    return full


def _together(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Joins neighbouring clauses that only make sense together."""
    found = [candidates[0]]
    for before, candidate in pairwise(candidates):
        if _apart(before, candidate):
            found.append(candidate)
        else:
            found[-1] = _both(found[-1], candidate)
    return found


def _both(before: _Candidate, candidate: _Candidate) -> _Candidate:
    """Joins two clauses. Two likely figures make a certain one."""
    both = Judgement(FIGURES, 1.0) if before.figure and candidate.figure else before.judged
    text = f"{before.text.rstrip('?.')} and {candidate.text[:1].lower()}{candidate.text[1:]}"
    return replace(before, clause=replace(before.clause, text=text), full=text, judged=both)


def _apart(before: _Candidate, candidate: _Candidate) -> bool:
    if candidate.clause.loose and candidate.full == candidate.text:
        return _differ(before, candidate)
    if before.orders or candidate.orders:
        return True
    if before.figure and candidate.figure:
        return not candidate.leans and counts_alone(before.text, candidate.text)
    if candidate.leans and candidate.full == candidate.text:
        return before.figure and candidate.judged.confidence >= SURE
    return True


def _differ(before: _Candidate, candidate: _Candidate) -> bool:
    """Whether the routes differ clearly, or both name what they are about."""
    if before.figure != candidate.figure:
        return min(before.judged.confidence, candidate.judged.confidence) >= MIN_CONFIDENCE
    return not candidate.figure and described(before.text) and described(candidate.text)


def _parts(candidates: Sequence[_Candidate]) -> Iterator[Part]:
    """A part for the documents keeps the statements before it. One for figures stands alone, unless it
    refers to another figure: *how many of them are premium?* So does an order.
    """
    after_figure = False
    for candidate in candidates:
        figure = (
            candidate.text if after_figure else f"{candidate.full[:1].upper()}{candidate.full[1:]}"
        )
        alone = candidate.figure or candidate.orders
        text = figure if alone else candidate.clause.whole
        yield Part(text, candidate.judged.route, candidate.judged.confidence >= SURE)
        after_figure = candidate.figure
