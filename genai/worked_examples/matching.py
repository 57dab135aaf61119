"""Finds the worked example that a question matches, and the values for its slots.

Embeddings propose candidates, and words decide. The question must have exactly the concepts of the example,
and the example must have slots for all its values; among such examples the most similar one is chosen. A
question with an unknown word matches nothing: no answer is better than the answer to another question.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from genai.base.embedder import BaseEmbedder
from genai.worked_examples.library import SLOT, Library, WorkedExample
from genai.worked_examples.mentions import Extractor, Mention, Value
from genai.worked_examples.periods import Period
from genai.worked_examples.relative import is_relative_period, resolve_period

WORD: Final = re.compile(r"[^\W_]+(?:'[a-z]+)?")
APOSTROPHES: Final = {0x2018: "'", 0x2019: "'", 0x00B4: "'"}
OPTIONAL_PENALTY: Final = 0.05


@dataclass(frozen=True, slots=True)
class ConceptReading:
    """The concepts of a text, without its values; ``unknown`` words are in no list."""

    masked: str
    concepts: frozenset[str]
    optional: frozenset[str]
    unknown: frozenset[str]
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    example: WorkedExample
    slots: dict[str, Value]
    score: float


Candidate = tuple[ConceptReading, WorkedExample, dict[str, Value], float]


CACHE_SIZE = 16
"""Cached questions, because every reply is checked against its question."""


class Matcher:
    """Embeds a phrasing on first use, and caches the vector."""

    def __init__(self, library: Library, embedder: BaseEmbedder, threshold: float) -> None:
        self.library = library
        self._embedder = embedder
        self._threshold = threshold
        self._extractor = Extractor(library)
        self._vectors: dict[str, list[float]] = {}
        self.read = lru_cache(maxsize=CACHE_SIZE)(self._read)

    async def async_match(self, question: str) -> Match | None:
        """The matching example, or `None`."""
        if self.is_out_of_scope(question):
            return None
        reading = self.read(question)
        fitting = list(self._fitting(reading))
        if not fitting:
            return None
        scores = await self._similarities(
            reading.masked, [phrasing.masked for phrasing, *_ in fitting]
        )
        scored = [
            Match(example, slots, score - penalty)
            for (_, example, slots, penalty), score in zip(fitting, scores, strict=True)
        ]
        best = max(scored, key=lambda match: match.score)
        return best if best.score >= self._threshold else None

    def is_out_of_scope(self, question: str) -> bool:
        """Whether it asks about the asker or about permissions, and so for no figure."""
        return bool(self._out_of_scope and self._out_of_scope.search(straight(question)))

    def fill(self, example: WorkedExample, question: str) -> dict[str, Value] | None:
        """The values of the question for the slots of the example."""
        return _assign(self._extractor.find(straight(question)), example)

    def continued(self, question: str, before: str) -> str | None:
        """The previous question with one value replaced: *and in Lisbon?* after one about Porto.

        `None` if this question says more than that, or the value to replace is ambiguous.
        """
        current, previous = self.read(question), self.read(before)
        if is_relative_period(question):
            return self._with_moved_period(question, before)
        if (
            current.unknown
            or len(current.mentions) != 1
            or not current.concepts <= previous.concepts
        ):
            return None
        [new] = current.mentions
        old = [mention for mention in previous.mentions if mention.kinds.keys() & new.kinds.keys()]
        if len(old) != 1:
            return None
        text, named = (
            straight(before),
            straight(question)[new.start : new.end],
        )
        return text[: old[0].start] + named + text[old[0].end :]

    def _with_moved_period(self, question: str, before: str) -> str | None:
        """The previous question with its period moved by a month or year; `None` if this question does
        not ask that.
        """
        times = [
            (mention, period)
            for mention in self.read(before).mentions
            if isinstance(period := mention.kinds.get("period"), Period)
        ]
        if len(times) != 1:
            return None
        [(old, period)] = times
        text, label = straight(before), resolve_period(question, period)
        return text[: old.start] + label + text[old.end :] if label else label

    def nearest(self, question: str, count: int) -> list[WorkedExample]:
        """The examples with the most words in common, matching or not."""
        asked = self.read(question)
        said = asked.concepts | {kind for mention in asked.mentions for kind in mention.kinds}

        def distance(pair: tuple[WorkedExample, ConceptReading]) -> int:
            example, phrasing = pair
            return len(said ^ (phrasing.concepts | (said & example.slots)))

        nearest = {example.id: example for example, _ in sorted(self._phrasings, key=distance)}
        return list(nearest.values())[:count]

    def _read(self, text: str) -> ConceptReading:
        """Parses a question."""
        text = straight(text)
        mentions = self._extractor.find(text)
        spans = [(m.start, m.end, _label(m.kinds)) for m in mentions]
        implied = {
            concept
            for mention in mentions
            if len(named := {self.library.implies.get(kind, "") for kind in mention.kinds}) == 1
            for concept in named
            if concept
        }
        return self._reading(text, spans, implied, tuple(mentions))

    # -- phrasings ---------------------------------------------------------------------------------

    @cached_property
    def _phrasings(self) -> list[tuple[WorkedExample, ConceptReading]]:
        return [
            (example, self._read_phrasing(phrasing))
            for example in self.library.examples
            for phrasing in example.ask
        ]

    def _read_phrasing(self, phrasing: str) -> ConceptReading:
        found = list(SLOT.finditer(phrasing))
        spans = [(slot.start(), slot.end(), slot["kind"].replace("_", " ")) for slot in found]
        implied = {self.library.implies.get(slot["kind"], "") for slot in found} - {""}
        return self._reading(phrasing, spans, implied, ())

    def _reading(
        self,
        text: str,
        spans: Sequence[tuple[int, int, str]],
        implied: Iterable[str],
        mentions: tuple[Mention, ...],
    ) -> ConceptReading:
        rest = _blanked(text, [(start, end) for start, end, _ in spans])
        concepts, rest = _consume(rest, self._concepts)
        optional, rest = _consume(rest, self._optional)
        words = frozenset(WORD.findall(rest.lower())) - self._neutral
        masked = _masked(text, spans)
        return ConceptReading(masked, concepts | frozenset(implied), optional, words, mentions)

    @cached_property
    def _concepts(self) -> list[tuple[str, re.Pattern[str]]]:
        return _compiled(self.library.concepts)

    @cached_property
    def _optional(self) -> list[tuple[str, re.Pattern[str]]]:
        return _compiled(self.library.optional)

    @cached_property
    def _out_of_scope(self) -> re.Pattern[str] | None:
        """The words that make it a question about the asker or about permissions."""
        patterns = "|".join(self.library.elsewhere)
        return re.compile(rf"\b(?:{patterns})\b", re.IGNORECASE) if patterns else None

    @cached_property
    def _neutral(self) -> frozenset[str]:
        return frozenset(self.library.neutral)

    # -- choosing ----------------------------------------------------------------------------------

    def _fitting(self, question: ConceptReading) -> Iterator[Candidate]:
        """Phrasings with the same concepts and slots for all values, and the optional concepts that
        they miss.
        """
        for example, phrasing in self._phrasings:
            if question.concepts != phrasing.concepts or question.unknown - phrasing.unknown:
                continue
            slots = _assign(question.mentions, example)
            if slots is not None:
                missed = len(question.optional ^ phrasing.optional)
                yield phrasing, example, slots, missed * OPTIONAL_PENALTY

    async def _similarities(self, question: str, phrasings: Sequence[str]) -> list[float]:
        new = [text for text in dict.fromkeys(phrasings) if text not in self._vectors]
        vector, *vectors = await self._embedder.async_embed([question, *new])
        self._vectors.update(zip(new, vectors, strict=True))
        return [_dot(vector, self._vectors[text]) for text in phrasings]


def straight(text: str) -> str:
    """Replaces typographic apostrophes one to one."""
    return text.translate(APOSTROPHES)


def _assign(mentions: Sequence[Mention], example: WorkedExample) -> dict[str, Value] | None:
    """Assigns each mention to its own slot and fills every required slot, or returns `None`."""
    slots: dict[str, Value] = {}
    for mention in mentions:
        possible = [kind for kind in mention.kinds if kind in example.slots]
        if len(possible) != 1 or possible[0] in slots:
            return None
        slots[possible[0]] = mention.kinds[possible[0]]
    return slots if example.required <= slots.keys() else None


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _compiled(words: dict[str, tuple[str, ...]]) -> list[tuple[str, re.Pattern[str]]]:
    """Sorts longer expressions first, so that "rate of interest" is found before "rate"."""
    pairs = [(name, pattern) for name, patterns in words.items() for pattern in patterns]
    pairs.sort(key=lambda pair: -len(pair[1]))
    return [(name, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)) for name, pattern in pairs]


def _consume(
    text: str, patterns: Sequence[tuple[str, re.Pattern[str]]]
) -> tuple[frozenset[str], str]:
    """The names whose expressions occur, and the remaining text."""
    found = set()
    for name, pattern in patterns:
        spans = [match.span() for match in pattern.finditer(text)]
        if spans:
            found.add(name)
            text = _blanked(text, spans)
    return frozenset(found), text


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _masked(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Replaces each value in the text by its kind."""
    for start, end, label in sorted(spans, reverse=True):
        text = f"{text[:start]}{label}{text[end:]}"
    return " ".join(text.split())


def _label(kinds: Iterable[str]) -> str:
    return min(kinds).replace("_", " ")
