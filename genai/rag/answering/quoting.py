"""Chooses the sentences, items and rows to quote, and phrases them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter

from genai.base.prompt import estimate_tokens
from genai.messages import Chunk, Citation, Passage
from genai.rag.evidence.judging import Evidence, of_its_kind
from genai.rag.evidence.unit_ranking import AS_LIKELY, load_weights
from genai.rag.passages.units import Unit

_PASSAGES = 3
"""Number of best passages that may be quoted."""


@dataclass(frozen=True, slots=True)
class Quote:
    """``opening`` is the line above its list, unless the previous quote contains it."""

    unit: Unit
    passage: Passage
    score: float
    opening: str = ""

    @property
    def spoken(self) -> str:
        return f"{self.opening}: {self.unit.text}" if self.opening else self.unit.text

    @property
    def citation(self) -> Citation:
        return Citation(
            document_id=self.passage.document_id,
            title=self.passage.title,
            quote=self.unit.quote,
            section=self.passage.section,
            score=round(self.score, 4),
        )


def quoted(evidence: Evidence, *, most: int) -> tuple[Quote, ...]:
    """The answering units, likeliest first, without duplicates."""
    return _first(_likely(evidence, AS_LIKELY), most)


def nearest(evidence: Evidence, *, most: int) -> tuple[Quote, ...]:
    """The units that might answer, likely or not."""
    return _first(_likely(evidence, math.inf), most)


def within(chunks: Sequence[Chunk], max_tokens: int) -> list[Chunk]:
    """As many complete quotes as fit, from the first on."""
    spent = accumulate(estimate_tokens(chunk.text) for chunk in chunks)
    return [chunk for chunk, used in zip(chunks, spent, strict=True) if used <= max_tokens]


def _first(quotes: Iterable[Quote], most: int) -> tuple[Quote, ...]:
    by_text: dict[str, Quote] = {}
    for quote in quotes:
        by_text.setdefault(quote.unit.text.casefold(), quote)
    return tuple(_opened(list(by_text.values())[:most]))


def _likely(evidence: Evidence, as_likely: float) -> list[Quote]:
    weight, best = load_weights()["passage"], evidence.passages[0].fit.score
    found = [
        (
            ranked.score + weight * (one.fit.score - best),
            Quote(ranked.unit, one.fit.passage, one.fit.score),
        )
        for one in of_its_kind(evidence.passages)[:_PASSAGES]
        for ranked in one.units
    ]
    found.sort(key=itemgetter(0), reverse=True)
    return [quote for likely, quote in found if likely >= found[0][0] - as_likely]


def _opened(quotes: Sequence[Quote]) -> Iterable[Quote]:
    before = ""
    for quote in quotes:
        opening = quote.unit.opening
        yield Quote(quote.unit, quote.passage, quote.score, opening if opening != before else "")
        before = opening
