"""How well the passages support the words of a question, above all its rare words.

A passage about card fees resembles a question about the fee of a boat; but nothing in it resembles *boat*.
A word is supported by its other forms, and partly by similar words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from genai.language.words import STOP_WORDS, content_words, stem, word_weights
from genai.messages import Passage
from genai.rag.passages.chunking import searchable
from genai.rag.questions.clauses import asking
from genai.rag.questions.word_vectors import Matrix, WordVectors

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:['\u2019]s\b)?")
_SENTENCE_ENDS = re.compile(r"[.!?]\s*$")

_BEFORE_VERBS = frozenset(
    """
    to i you we they he she it can could will would shall should may might must do does did don doesn
    didn won t ll d ve please not never who
    """.split()  # noqa: SIM905  (one word a line helps nobody)
)
_BETWEEN = frozenset(
    ["also", "always", "already", "even", "ever", "just", "now", "only", "really", "still"]
)

_UNLIKE, _LIKE = 0.25, 0.75
"""Similarity of words that differ in meaning, and of synonyms."""

_TELLING = 3.0
"""The least total weight of a question's words (see `genai.language.words.covered`)."""

_MOST = 5.0
"""About the highest weight of a word."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A word of a question. ``name``: it is capitalised like a name. ``thing``: it is probably neither
    a verb nor a number.
    """

    word: str
    stem: str
    name: bool
    thing: bool = True


@dataclass(frozen=True, slots=True)
class Lacks:
    """What is not supported, each between 0 and 1; by its weight, or, as ``worst``, of one word.

    ``passage`` is by the passage's text and headings, ``known`` also by its known questions,
    ``exactly`` counts only the very words, ``unit`` is by the best sentence and the headings alone, and
    ``nearest`` by these and the nearest of the known questions. ``thing`` is the worst of the things that
    the asking clauses name, by the same. ``beyond`` is how much more the nearest question asks.

    ``nowhere`` and ``elsewhere`` count the words which the passage has not, and no other passage
    either, or another one; ``other_name`` of the latter those that are names, ``other_word`` is the
    rarest of them, ``other_heading`` the rarest that stands in a heading of another document.
    """

    passage: float = 0.0
    passage_worst: float = 0.0
    known: float = 0.0
    known_worst: float = 0.0
    exactly: float = 0.0
    unit: float = 0.0
    nearest: float = 0.0
    nearest_worst: float = 0.0
    thing: float = 0.0
    beyond: float = 0.0
    nowhere: float = 0.0
    elsewhere: float = 0.0
    other_name: float = 0.0
    other_word: float = 0.0
    other_heading: float = 0.0


class Support:
    """Judges passages. ``others`` are all passages found; they show which words are rare."""

    def __init__(self, words: WordVectors, question: str, others: Sequence[Passage]) -> None:
        self._words = words
        self._question = question
        self._others = others
        self._asked = list(asked_words(question))
        self._asking = {one.word for one in asked_words(asking(question))}
        stems = frozenset(one.stem for one in self._asked)
        texts = [content_words(searchable(passage)) for passage in others]
        self._weights = word_weights(stems, texts)
        self._elsewhere = {name for name in stems if any(name in text for text in texts)}

    @property
    def words(self) -> int:
        """The number of content words in the question."""
        return len(self._asked)

    def lacks(self, passage: Passage, unit: str, known: str = "") -> Lacks:
        """``unit`` is the text of the sentence that answers best, ``known`` the nearest question."""
        text, headings = searchable(passage), f"{passage.title} {passage.section} {passage.lead}"
        hints = frozenset[str]().union(*map(content_words, passage.asked))
        here, near = self._short(text), self._short(f"{unit} {headings}")
        nearest = self._short(f"{unit} {headings} {known}") if known else near
        found = content_words(text)
        both = [0.0 if one.stem in hints else lack for one, lack in self._each(here)]
        missing = [one for one in self._asked if one.stem not in found | hints]
        other = [one for one in missing if one.stem in self._elsewhere]
        return Lacks(
            passage=self._share(here),
            passage_worst=self._worst(here),
            known=self._share(both),
            known_worst=self._worst(both),
            exactly=self._share([float(one in missing) for one in self._asked]),
            unit=self._share(near),
            nearest=self._share(nearest),
            nearest_worst=self._worst(nearest),
            thing=self._worst([self._is_thing(one) * lack for one, lack in self._each(nearest)]),
            beyond=self._beyond(known),
            nowhere=min(1.0, (len(missing) - len(other)) / 3),
            elsewhere=min(1.0, len(other) / 3),
            other_name=min(1.0, sum(one.name for one in other) / 2),
            other_word=max((self._weights[one.stem] / _MOST for one in other), default=0.0),
            other_heading=self._heading(passage, [one.stem for one in other]),
        )

    def _beyond(self, known: str) -> float:
        """How little this question supports the words of a known one, all weighted equally."""
        asked = list(asked_words(known))
        if not asked:
            return 0.0
        return 1.0 - sum(supported(self._words, asked, self._question)) / len(asked)

    def _each(self, lacks: Sequence[float]) -> Iterator[tuple[Asked, float]]:
        return zip(self._asked, lacks, strict=True)

    def _is_thing(self, one: Asked) -> bool:
        return one.thing and one.word in self._asking

    def _heading(self, passage: Passage, missing: Sequence[str]) -> float:
        if not missing:
            return 0.0
        above = [
            content_words(f"{one.title} {one.section}")
            for one in self._others
            if one.document_id != passage.document_id
        ]
        heading = (self._weights[name] for name in missing if any(name in text for text in above))
        return min(1.0, max(heading, default=0.0) / _TELLING)

    def _short(self, text: str) -> list[float]:
        """How little a text supports each word of the question."""
        return [1.0 - value for value in supported(self._words, self._asked, text)]

    def _share(self, lacks: Sequence[float]) -> float:
        weights = [self._weights[one.stem] for one in self._asked]
        lacking = sum(self._weights[one.stem] * lack for one, lack in self._each(lacks))
        return lacking / max(_TELLING, sum(weights))

    def _worst(self, lacks: Sequence[float]) -> float:
        weighted = (self._weights[one.stem] * lack for one, lack in self._each(lacks))
        return min(1.0, max(weighted, default=0.0) / _MOST)


def asked_words(question: str) -> Iterator[Asked]:
    """The content words of a question."""
    before = ""
    for match in _WORD.finditer(question):
        word = match[0].lower().removesuffix("'s").removesuffix("\u2019s")
        if word not in STOP_WORDS:
            begins = match.start() == 0 or bool(_SENTENCE_ENDS.search(question[: match.start()]))
            name = match[0][0].isupper() and not begins
            thing = name or (before not in _BEFORE_VERBS and not word[0].isdigit())
            yield Asked(word, stem(word), name, thing)
        before = before if word in _BETWEEN else word


def supported(words: WordVectors, asked: Sequence[Asked], text: str) -> list[float]:
    """How much a text supports each word: 1 if it occurs in any form."""
    stems = content_words(text)
    alike = words.likenesses([one.word for one in asked], _vectors(words, text))
    return [
        1.0 if one.stem in stems else min(1.0, max(0.0, (likeness - _UNLIKE) / (_LIKE - _UNLIKE)))
        for one, likeness in zip(asked, alike, strict=True)
    ]


@lru_cache(maxsize=4096)
def _vectors(words: WordVectors, text: str) -> Matrix:
    return words.of(sorted(_plain(text)))


def _plain(text: str) -> set[str]:
    return set(_whole_words(_WORD.findall(text))) - STOP_WORDS


def _whole_words(words: Iterable[str]) -> Iterator[str]:
    return (word.lower().removesuffix("'s").removesuffix("\u2019s") for word in words)
