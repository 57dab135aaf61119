"""Finds the parts of a compound question that an answer leaves open, so that it can say so.

*What does a lost card cost, and who won the cup?*: only the first part is answered by the documents.
"""

from collections.abc import Sequence

from genai.language.clauses import cut_up
from genai.language.impersonal import impersonal
from genai.messages import Citation, Passage
from genai.rag.evidence.support import Support
from genai.rag.questions.spelling import corrected_spelling
from genai.rag.questions.word_vectors import load_word_vectors

_SUPPORTED = 0.5
"""The minimum share of a part's words that a passage must support to answer it."""

_LEAST_WORDS = 2
"""A part with fewer content words depends on the others: *and for how long?*"""


def left_open(
    question: str, citations: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[str, ...]:
    """The parts that no cited passage is about; empty for a question of one part."""
    parts = cut_up(question)
    if len(parts) < 2 or not citations:
        return ()
    cited = [passage for passage in passages if _is_cited(passage, citations)]
    asked = (part for part in parts if part.endswith("?"))  # others tell what has happened
    return tuple(part for part in asked if not _treated(part, cited, passages))


def _is_cited(passage: Passage, citations: Sequence[Citation]) -> bool:
    return any(
        (one.document_id, one.section) == (passage.document_id, passage.section)
        for one in citations
    )


def _treated(part: str, cited: Sequence[Passage], passages: Sequence[Passage]) -> bool:
    words = load_word_vectors()
    support = Support(words, corrected_spelling(impersonal(part), passages, words), passages)
    if support.words < _LEAST_WORDS:
        return True
    return any(support.lacks(passage, "").known <= 1 - _SUPPORTED for passage in cited)


def said_of(parts: Sequence[str]) -> str:
    """A sentence about the open parts; empty without any."""
    if not parts:
        return ""
    asked = " and ".join(f"\u201c{part}\u201d" for part in parts)
    return f"\n\nThis does not answer {asked} Please ask that by itself."
