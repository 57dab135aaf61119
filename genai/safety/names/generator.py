"""Texts with labelled names and places, made at random from a lexicon and templates."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from genai.safety.names.backgrounds import words
from genai.safety.names.fillers import FILLERS
from genai.safety.names.lexicon import Lexicon, spelt

HERE = Path(__file__).parent

LABELS = ("PERSON", "LOCATION", "ADDRESS", "ORGANIZATION", "NRP")

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class TaggedText:
    """``spans`` are (start, end, label), in order."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


class Generator:
    """Deterministic by seed."""

    def __init__(self, seed: int, *, plain: float, prose: Sequence[str] = ()) -> None:
        self._rng = random.Random(seed)
        self._prose = prose
        self._vocabulary = words(prose)
        self._lexicon = Lexicon(_load("lexicon.yaml"), self._rng)
        templates = _load("templates.yaml")
        self._templates: list[str] = templates["labelled"]
        self._plain: list[str] = templates["plain"]
        self._words = {
            slot: spelt(templates[kind])
            for slot, kind in {
                "noun": "nouns",
                "adjective": "adjectives",
                "job": "jobs",
                "title": "titles",
            }.items()
        }
        self._share_plain = plain

    def examples(self, count: int) -> Iterator[TaggedText]:
        for _ in range(count):
            yield self._noisy(self._several())

    def _several(self) -> TaggedText:
        """One to four texts in sequence, as in letters and articles."""
        joined = self._one()
        for _ in range(self._rng.choice((0, 0, 0, 1, 1, 2, 3))):
            following = self._one()
            glue = self._rng.choice((" ", " ", " ", "\n", "\n\n"))
            shift = len(joined.text) + len(glue)
            moved = tuple((s + shift, e + shift, label) for s, e, label in following.spans)
            joined = TaggedText(joined.text + glue + following.text, joined.spans + moved)
        return joined

    def _one(self) -> TaggedText:
        plain = self._rng.random() < self._share_plain
        if plain and self._prose and self._rng.random() < 0.6:
            return TaggedText(self._rng.choice(self._prose), ())
        template = self._rng.choice(self._plain if plain else self._templates)
        text, spans, position = "", [], 0
        for slot in _SLOT.finditer(template):
            text += template[position : slot.start()]
            position = slot.end()
            value, label = self._fill(slot[1])
            if label:
                spans.append((len(text), len(text) + len(value), label))
            text += value
        return TaggedText(text + template[position:], tuple(spans))

    def _fill(self, slot: str) -> tuple[str, str]:
        name = slot.lower()
        if name in _LABEL_OF:
            if name in ("person", "given", "family"):
                self._lexicon.move()
            value, label = getattr(self._lexicon, name)(), _LABEL_OF[name]
        elif name in self._words:
            value, label = self._word(name), ""
        else:
            value, label = FILLERS[name](self._rng), ""
        if slot.isupper():
            return value.upper(), label
        return (value.capitalize() if slot[0].isupper() else value), label

    def _word(self, kind: str) -> str:
        if kind in ("noun", "adjective") and self._vocabulary and self._rng.random() < 0.6:
            return self._rng.choice(self._vocabulary)
        return self._rng.choice(self._words[kind])

    def _noisy(self, example: TaggedText) -> TaggedText:
        """Varies the text: sometimes all lower or upper case, sometimes without its final full stop."""
        text, luck = example.text, self._rng.random()
        if luck < 0.08 and len(text.lower()) == len(text):
            return TaggedText(text.lower(), example.spans)
        if luck < 0.11 and len(text.upper()) == len(text):
            return TaggedText(text.upper(), example.spans)
        if luck < 0.3 and text[-1:] in ".!?" and not _touches_end(example):
            return TaggedText(text[:-1], example.spans)
        return example


_LABEL_OF = {
    "person": "PERSON",
    "given": "PERSON",
    "family": "PERSON",
    "city": "LOCATION",
    "country": "LOCATION",
    "region": "LOCATION",
    "place": "LOCATION",
    "streetname": "ADDRESS",
    "address": "ADDRESS",
    "org": "ORGANIZATION",
    "nrp": "NRP",
}


def _touches_end(example: TaggedText) -> bool:
    return bool(example.spans) and example.spans[-1][1] == len(example.text)


def _load(name: str) -> Any:
    # Words such as "no" and "on" are names here, not truth values.
    return yaml.load((HERE / name).read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, no objects
