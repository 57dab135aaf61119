"""Finds the passages for a question, resolving references to earlier turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from genai.base.embedder import BaseEmbedder
from genai.language.followup import Dependence, continues, dependence, joined, leant_on, says_little
from genai.language.followup import alone as told
from genai.language.impersonal import impersonal
from genai.language.topic import topic
from genai.language.words import content_words, shared
from genai.messages import Certainty, Passage, Question, Turn
from genai.rag.base import Retriever
from genai.rag.evidence.judging import Evidence, weigh
from genai.rag.passages.chunking import findable
from genai.rag.permissions import Reader, reader_of
from genai.rag.questions.introductions import without_introductions
from genai.rag.questions.spelling import corrected_spelling
from genai.rag.questions.word_vectors import load_word_vectors
from genai.settings.documents import RAGSettings

_RETRIEVED = 60
"""Passages retrieved. The best are used; the others show which words are rare, and which questions are
known to have no answer.
"""

_TAKEN_UP = 0.6
"""The share of a question's words that must be found for it to count as a follow-up."""

_THE = re.compile(r"\bthe\b", re.IGNORECASE)

_KNOWN = 0.95
"""The similarity from which a question is the same as a known one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search result; ``query`` is what was searched for."""

    query: str
    passages: tuple[Passage, ...]
    evidence: Evidence
    certainty: Certainty = "unknown"

    @property
    def confidence(self) -> float:
        return self.evidence.confidence


class PassageSearch:
    """Searches the documents that the caller may read. Personal data is removed from the query."""

    def __init__(self, retriever: Retriever, embedder: BaseEmbedder, settings: RAGSettings) -> None:
        self._retriever = retriever
        self._embedder = embedder
        self._settings = settings

    async def find(self, question: Question) -> Found:
        """The best passages, at most ``top_k``; empty if they do not answer.

        A question that is complete is never combined with earlier ones, so that these cannot change its
        answer.
        """
        found = await self._understand(_impersonal(question))
        if found.certainty == "unknown":
            return replace(found, passages=())
        best = (one.fit.passage for one in found.evidence.passages)
        return replace(found, passages=tuple(islice(best, self._settings.top_k)))

    async def weigh(self, query: str, passages: Sequence[Passage]) -> Evidence:
        """The evidence that given passages answer the query."""
        least = self._settings.sure_confidence
        return await weigh(self._embedder, query, passages, focus=len(passages), least=least)

    def _certainty(self, evidence: Evidence) -> Certainty:
        if evidence.confidence >= self._settings.sure_confidence:
            return "certain"
        return "uncertain" if evidence.confidence >= self._settings.min_confidence else "unknown"

    async def _understand(self, question: Question) -> Found:
        leaning = dependence(question.text)
        reader = reader_of(question.context)
        if leaning is Dependence.SURELY:
            return await self._told_with_others(reader, question)
        alone = await self._search(reader, question.text)
        query = joined(question.text, question.history)
        little = says_little(question.text)
        if query == question.text or (leaning is Dependence.NOT and not little):
            return alone
        together = await self._search(reader, query)
        if leaning is Dependence.PERHAPS and self._continues(question.text, together, alone):
            return together
        return _in_context(question.text, together, alone) if little else alone

    async def _told_with_others(self, reader: Reader, question: Question) -> Found:
        """For a question that refers to earlier turns: what it means as far as that is known, else the
        question with the earlier ones.

        The question alone is searched last, is never certain, and only counts if it finds what the
        session talked about:
        *how long does that take?* says nothing about the thing, and fits many passages.
        """
        text, history = question.text, question.history
        query, full = joined(text, history), told(text, history)
        if query == text:
            return await self._search(reader, text)
        if full != text:
            return await self._meant(reader, full, query)
        together = await self._search(reader, query)
        if together.certainty != "unknown":
            return together if _is_about(together, history) else _at_most_uncertain(together)
        bare = await self._search(reader, text)
        return _at_most_uncertain(bare) if _is_about(bare, history) else together

    async def _meant(self, reader: Reader, full: str, query: str) -> Found:
        """The result for the question as it is meant. The question with the earlier ones only helps to
        find quotes: it may be answered with certainty because the earlier ones are.
        """
        meant = await self._search(reader, full)
        if meant.certainty != "unknown":
            return meant
        together = await self._search(reader, query)
        if together.certainty == "unknown":
            return meant
        return _at_most_uncertain(together)

    def _continues(self, question: str, together: Found, alone: Found) -> bool:
        """Whether an ambiguous question is rather a follow-up."""
        answered = alone.certainty == "certain"
        if together.confidence <= alone.confidence or (answered and not continues(question)):
            return False
        return _takes_up(question, together)

    async def _search(self, reader: Reader, query: str) -> Found:
        passages = await self._retrieve(reader, query)
        meant = corrected_spelling(query, passages, load_word_vectors())
        if meant != query:
            query, passages = meant, await self._retrieve(reader, meant)
        evidence = await weigh(
            self._embedder,
            query,
            passages,
            focus=self._settings.top_k,
            least=self._settings.sure_confidence,
        )
        return Found(query, passages, evidence, self._certainty(evidence))

    async def _retrieve(self, reader: Reader, query: str) -> tuple[Passage, ...]:
        limit = max(self._settings.top_k, _RETRIEVED)
        return await self._retriever.async_retrieve(reader, query, limit=limit)


def _in_context(question: str, together: Found, alone: Found) -> Found:
    """The result for a short question that might, or might not, go on about the topic before it.

    *What is the minimum?* does, if a passage about that topic has all its words: then that one answers.
    One word alone (*is there a fee?*) says so little that the answer of another document is uncertain.
    """
    if _document(together) == _document(alone) or _is_known(question, alone):
        return alone
    if together.certainty == "certain" and _takes_up(question, together):
        return together
    return _at_most_uncertain(alone) if len(content_words(question)) <= 1 else alone


def _takes_up(question: str, together: Found) -> bool:
    """Whether the best passage has the words of the question."""
    words = content_words(findable(together.evidence.passages[0].fit.passage))
    return shared(content_words(question), words) >= _TAKEN_UP


def _is_known(question: str, found: Found) -> bool:
    """Whether the question is one of those that its passage is known to answer, or asks what a thing is:
    *what is a recall?*, and not *what is the minimum?*
    """
    features = found.evidence.features
    if features is None:
        return False
    defined = features.defines > 0 and not _THE.search(question)
    return features.asked_here >= _KNOWN or defined


def _at_most_uncertain(found: Found) -> Found:
    return replace(found, certainty="uncertain") if found.certainty == "certain" else found


def _document(found: Found) -> str:
    passages = found.evidence.passages
    return passages[0].fit.passage.document_id if passages else ""


def _is_about(found: Found, history: Sequence[Turn]) -> bool:
    """Whether the best passage names the topic of the earlier questions (any, if they have none)."""
    if not found.evidence.passages:
        return True
    before = leant_on(history)
    words = content_words(topic(before) or before)
    return words <= content_words(findable(found.evidence.passages[0].fit.passage))


def _impersonal(question: Question) -> Question:
    history = tuple(
        turn.model_copy(update={"content": _searched(turn.content)}) for turn in question.history
    )
    return question.model_copy(update={"text": _searched(question.text), "history": history})


def _searched(text: str) -> str:
    return impersonal(without_introductions(text))
