"""Judges whether passages answer a question, and which of their sentences, items and rows do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

from genai.base.embedder import BaseEmbedder
from genai.embeddings.cached import cached
from genai.language.words import content_words, covered, shared, word_weights
from genai.messages import Passage
from genai.rag.demands.definitions import defines
from genai.rag.demands.figures import asks_figure, gives_figure
from genai.rag.demands.measures import Missed, missed
from genai.rag.demands.places import unknown_places
from genai.rag.demands.qualifiers import named_alike
from genai.rag.demands.unmet import unmet
from genai.rag.evidence.confidence import AnswerFeatures, confidence
from genai.rag.evidence.support import Support
from genai.rag.evidence.unanswered import Known, nearest
from genai.rag.evidence.unit_ranking import AS_LIKELY, RankedUnit, rank_units
from genai.rag.passages.chunking import findable, searchable
from genai.rag.passages.units import split_units
from genai.rag.passages.vectors import embedded_texts
from genai.rag.questions.word_vectors import load_word_vectors
from genai.rag.storage.ranking import Fit, fitted

UNANSWERED = "I don't know: the documents that I can read do not answer this."

_COMPARED = 20
"""Passages considered to find out which words are rare."""

_LONG = 12
"""The number of content words in a long question."""

_KNOWN = 3
"""Known questions of a passage that are compared with this one."""

_PERSONAL = re.compile(r"\b(i|me|my|mine|we|our)\b", re.IGNORECASE)


@dataclass(frozen=True)
class RankedPassage:
    """A passage with the ``cosines`` of its units and the question."""

    fit: Fit
    question: str
    cosines: Sequence[float]

    @cached_property
    def units(self) -> tuple[RankedUnit, ...]:
        """Best first. Computed on demand: for most passages it is not needed."""
        return rank_units(self.question, split_units(self.fit.passage), self.cosines)

    @property
    def unanswered(self) -> Iterator[Known]:
        """The questions that the passage is known not to answer."""
        known = self.fit.passage.unanswered
        return zip(self.cosines[len(self.cosines) - len(known) :], known, strict=True)

    @cached_property
    def known(self) -> tuple[tuple[float, str], ...]:
        """The questions that the passage is known to answer, with their cosines, nearest first."""
        asked = self.fit.passage.asked
        cosines = self.cosines[len(split_units(self.fit.passage)) :]
        return tuple(sorted(zip(cosines, asked, strict=False), reverse=True))


@dataclass(frozen=True, slots=True)
class Evidence:
    """``passages`` best first; ``confidence`` (0 to 1) is the probability that they answer."""

    passages: tuple[RankedPassage, ...] = ()
    features: AnswerFeatures | None = None

    @property
    def confidence(self) -> float:
        if not self.features:
            return 0.0
        return confidence(self.features, hinted=self.hinted)

    @property
    def hinted(self) -> bool:
        """Whether the best passage belongs to a document with known questions (hints)."""
        return _hinted(self.passages[0], self.passages)


async def weigh(
    embedder: BaseEmbedder,
    question: str,
    passages: Sequence[Passage],
    *,
    focus: int,
    least: float = 0.0,
) -> Evidence:
    """Judge the first ``focus`` passages. The others show which words are rare, and which questions are
    known to have no answer.

    When the best one is less likely than ``least`` to answer, some alternatives are judged as well.
    Raises what the embedder raises.
    """
    near = [passage for passage in passages[:focus] if split_units(passage)]
    if not near:
        return Evidence()
    texts = [embedded_texts(passage) for passage in near]
    known = [text for passage in passages[focus:] for text in passage.unanswered]
    flat = [question, *(text for part in texts for text in part), *known]
    vectors = await cached(embedder).async_matrix(flat)
    cosines = iter((vectors[1:] @ vectors[0]).tolist())
    judged = [(p, [next(cosines) for _ in part]) for p, part in zip(near, texts, strict=True)]
    unanswered = tuple(zip(cosines, known, strict=True))
    return judge(question, passages, judged, unanswered=unanswered, least=least)


def judge(
    question: str,
    passages: Sequence[Passage],
    near: Sequence[tuple[Passage, Sequence[float]]],
    *,
    unanswered: Sequence[Known] = (),
    least: float = 0.0,
) -> Evidence:
    """`weigh` without the embedding.

    Each near passage comes with the cosines of its vectors, in order; ``unanswered`` are the questions
    that the other passages are known not to answer.
    """
    asked = content_words(question)
    words = [content_words(findable(passage)) for passage in passages[:_COMPARED]]
    weights = word_weights(asked, words)
    ranked = [_rank(question, passage, cosines, asked, weights) for passage, cosines in near]
    ranked.sort(key=lambda candidate: candidate.fit.score, reverse=True)
    best = Evidence(tuple(ranked), _features(question, ranked, passages, unanswered))
    if best.confidence >= least:
        return best
    others = (
        Evidence(order, _features(question, order, passages, unanswered))
        for order in _in_other_orders(best)
    )
    return max((best, *others), key=lambda one: one.confidence)


def _in_other_orders(found: Evidence) -> Iterator[tuple[RankedPassage, ...]]:
    """The orders of passages in which an alternative comes first."""
    for first in _others_to_try(found):
        yield (first, *(one for one in found.passages if one is not first))


def _others_to_try(found: Evidence) -> Iterator[RankedPassage]:
    """Alternatives to the best passage: the next one from a document with known questions (or without,
    if the best has them, because scores of the two kinds are hard to compare); one from the same
    document when a duration, price, quantity or age is missing; one that mentions the place asked for;
    one with a definition.
    """
    best, *others = found.passages
    hinted = found.hinted
    tests = [lambda one: _hinted(one, found.passages) != hinted]
    if found.features and found.features.missed.measure:
        tests.append(lambda one: _document(one) == _document(best))
    if found.features and found.features.unmet.another_place:
        tests.append(lambda one: not unknown_places(one.question, searchable(one.fit.passage)))
    if not _defines(best):
        tests.append(_defines)
    for test in tests:
        yield from islice(filter(test, others), 1)


def of_its_kind(passages: Sequence[RankedPassage]) -> list[RankedPassage]:
    """The passages of documents with known questions if the first belongs to one, else those without."""
    hinted = _hinted(passages[0], passages)
    return [one for one in passages if _hinted(one, passages) is hinted]


def _hinted(one: RankedPassage, passages: Sequence[RankedPassage]) -> bool:
    return any(p.fit.passage.asked for p in passages if _document(p) == _document(one))


def _defines(one: RankedPassage) -> bool:
    return any(defines(one.question, unit.text) for unit in split_units(one.fit.passage))


def _document(one: RankedPassage) -> str:
    return one.fit.passage.document_id


def _rank(
    question: str,
    passage: Passage,
    cosines: Sequence[float],
    asked: frozenset[str],
    weights: Mapping[str, float],
) -> RankedPassage:
    here = content_words(findable(passage))
    return RankedPassage(
        fitted(passage, cosines, covered(weights, here), shared(asked, here)),
        question,
        cosines[2:],
    )


def _features(
    question: str,
    ranked: Sequence[RankedPassage],
    passages: Sequence[Passage],
    far: Sequence[Known],
) -> AnswerFeatures:
    best, fit, words = ranked[0].units[0].unit, ranked[0].fit, load_word_vectors()
    known = ranked[0].known[:_KNOWN]
    asked = max(one.fit.asked for one in ranked)
    unanswered, _ = nearest(question, chain(far, *(one.unanswered for one in ranked)))
    nearest_answer = max(asked, *(one.fit.best_unit for one in ranked))
    near = [findable(one.fit.passage) for one in ranked]
    return AnswerFeatures(
        whole=fit.whole,
        best_unit=fit.best_unit,
        heading=max(fit.whole, fit.heading),
        weighted_words=fit.weighted_words,
        words=fit.words,
        numberless=float(asks_figure(question) and not gives_figure(best.text)),
        personal=float(bool(_PERSONAL.search(question))),
        asked=asked,
        unanswered=unanswered,
        mistaken=max(0.0, unanswered - nearest_answer),
        asked_here=fit.asked,
        asked_alike=sum(cosine for cosine, _ in known) / max(1, len(known)),
        ahead=_ahead(ranked),
        complete=float(fit.words >= 1.0),
        length=min(1.0, len(content_words(question)) / _LONG),
        defines=defines(question, best.text),
        other_product=1.0 - named_alike(question, near),
        lacks=Support(words, question, passages).lacks(
            fit.passage,
            f"{best.text} {best.opening}",
            next((text for _, text in known), ""),
        ),
        unmet=unmet(question, searchable(fit.passage), words),
        missed=_missed(question, ranked[0]),
    )


def _missed(question: str, best: RankedPassage) -> Missed:
    quoted = [
        f"{one.unit.text} {one.unit.opening}\n{one.unit.quote}"
        for one in best.units
        if one.score >= best.units[0].score - AS_LIKELY
    ]
    return missed(question, searchable(best.fit.passage), quoted, load_word_vectors())


def _ahead(ranked: Sequence[RankedPassage]) -> float:
    """The lead of the best passage over those of other sections; 0 without others."""
    best = ranked[0].fit
    here = (best.passage.document_id, best.passage.section)
    others = (
        one.fit.score
        for one in ranked
        if (one.fit.passage.document_id, one.fit.passage.section) != here
    )
    return best.score - max(others, default=best.score)
