"""Citations: marks passages in the prompt, and links the model's statements to them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from genai.language.words import content_words
from genai.messages import Citation, Passage
from genai.rag.passages.units import Unit, split_units

_MARKER = re.compile(r"\s?\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_MAYBE_MARKER = re.compile(r"\s?(?:\[[\d,\s]{0,16})?$")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")

HEDGES: Final = "I don't know for certain"
UNCERTAIN: Final = f"{HEDGES}: the documents do not clearly answer this."

_SUPPORT = 0.5
"""The share of a statement's words that a sentence must contain to be quoted for it."""


def mark_off(passages: Sequence[Passage]) -> str:
    """The passages as numbered, delimited data for a prompt. Delimiters inside of them are broken up."""
    return "\n".join(_marked(number, passage) for number, passage in enumerate(passages, start=1))


def _marked(number: int, passage: Passage) -> str:
    about = " > ".join(filter(None, (passage.title, passage.section)))
    text = "\n".join(filter(None, (passage.lead, passage.text)))
    inside = f"{about}\n{text}".replace("<passage", "< passage").replace("</passage", "< /passage")
    return f'<passage number="{number}">\n{inside}\n</passage>'


class MarkerFilter:
    """Removes markers such as ``[7]`` that refer to no passage from a stream.

    Text that may be the beginning of a marker is held back.
    """

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._held = ""

    def feed(self, text: str, *, final: bool = False) -> str:
        """The text that can be released now."""
        self._held += text
        start = len(self._held)
        if not final and (maybe := _MAYBE_MARKER.search(self._held)):
            start = maybe.start()
        ready, self._held = self._held[:start], self._held[start:]
        return _MARKER.sub(self._checked, ready)

    def _checked(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in match[1].split(",")]
        known = [str(number) for number in numbers if 1 <= number <= self._passages]
        space = " " if match[0][0] != "[" else ""
        return f"{space}[{', '.join(known)}]" if known else ""


def cite(text: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The supporting quotes for each statement of the text, without repetition.

    A statement with markers is looked up in the passages they name, others in all of them. Unsupported
    statements get no citation.
    """
    found: dict[tuple[str, str], Citation] = {}
    for statement, numbers in _statements(text):
        named = [passages[n - 1] for n in numbers if 1 <= n <= len(passages)]
        words = content_words(_MARKER.sub("", statement))
        if words:
            for citation in _support(words, named or passages, each=bool(named)):
                found.setdefault((citation.document_id, citation.quote), citation)
    return tuple(found.values())


def _statements(text: str) -> Iterator[tuple[str, list[int]]]:
    """Sentences with the numbers of their markers, which may follow the full stop."""
    tidy = re.sub(r"([.!?])(\s?\[[\d,\s]+\])", r"\2\1", text)
    for sentence in _SENTENCE.findall(tidy):
        markers = _MARKER.findall(sentence)
        yield sentence, [int(n) for marker in markers for n in marker.split(",")]


def _support(
    words: frozenset[str], passages: Sequence[Passage], *, each: bool
) -> Iterator[Citation]:
    """The best unit of each passage, or of all of them, that supports a statement."""
    best = [found for passage in passages if (found := _best_unit(words, passage))]
    chosen = best if each else sorted(best, key=lambda found: found[0], reverse=True)[:1]
    for share, unit, passage in chosen:
        if share >= _SUPPORT:
            yield Citation(
                document_id=passage.document_id,
                title=passage.title,
                quote=unit.quote,
                section=passage.section,
                score=round(share, 4),
            )


def _best_unit(words: frozenset[str], passage: Passage) -> tuple[float, Unit, Passage] | None:
    shares = [
        (len(words & content_words(unit.embedded)) / len(words), unit)
        for unit in split_units(passage)
    ]
    if not shares:
        return None
    share, unit = max(shares, key=lambda pair: pair[0])
    return share, unit, passage


def cites(text: str) -> bool:
    """Whether an answer cites documents."""
    return _MARKER.search(text) is not None


def hedges(text: str) -> bool:
    """Whether an answer is uncertain: it quotes without claiming to answer."""
    return text.startswith(HEDGES)


def declines(text: str) -> bool:
    """Whether a text says that the passages do not answer, or not for certain."""
    return text.lower().replace("\u2019", "'").startswith(("i don't know", "i do not know"))
