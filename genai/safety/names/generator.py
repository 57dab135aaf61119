"""Texts with labelled names and places, made at random from a lexicon and templates."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from genai.safety.names.backgrounds import words
from genai.safety.names.fillers import FILLERS

HERE = Path(__file__).parent

LABELS = ("PERSON", "LOCATION", "ADDRESS", "ORGANIZATION", "NRP")

_SLOT = re.compile(r"\{(\w+)\}")
_INVENTED = 0.35
"""The share of names that no list holds, so that the form and the context must tell."""


@dataclass(frozen=True, slots=True)
class Example:
    """``spans`` are (start, end, label), in order."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


class Lexicon:
    """Draws names of people, places and organisations."""

    def __init__(self, data: Mapping[str, Any], rng: random.Random) -> None:
        self._rng = rng
        self._cultures = [
            {kind: _words(names) for kind, names in culture.items()}
            for culture in data["cultures"].values()
        ]
        self._syllables = data["syllables"]
        self._places = {kind: _words(data[kind]) for kind in ("countries", "cities", "regions")}
        self._demonyms = _words(data["demonyms"])
        self._streets = {kind: _words(words) for kind, words in data["streets"].items()}
        self._orgs = {kind: _words(words) for kind, words in data["organizations"].items()}
        self._culture = self._cultures[0]

    def move(self) -> None:
        """Go to another part of the world, where the next names come from."""
        english = self._rng.random() < 0.3
        self._culture = self._cultures[0] if english else self._rng.choice(self._cultures)

    def given(self) -> str:
        return self._invented("given") or self._rng.choice(self._culture["given"])

    def family(self) -> str:
        name = self._invented("family") or self._rng.choice(self._culture["family"])
        return f"{name}-{self.family()}" if self._rng.random() < 0.03 else name

    def person(self) -> str:
        forms: list[tuple[int, Callable[[], str]]] = [
            (10, lambda: f"{self.given()} {self.family()}"),
            (2, self.given),
            (2, lambda: f"{self.given()} {self._initial()} {self.family()}"),
            (1, lambda: f"{self._initial()} {self.family()}"),
            (1, lambda: f"{self.given()} {self.given()} {self.family()}"),
            (1, lambda: f"{self.given()} {self.family()} {self.family()}"),
            (1, lambda: f"{self.family()} {self.given()}"),
        ]
        return self._choose(forms)

    def city(self) -> str:
        name = self._invented("place") or self._rng.choice(self._places["cities"])
        if self._rng.random() < 0.06:
            return (
                f"{self._rng.choice(('Saint', 'St.', 'San', 'Santa', 'Bad', 'New', 'Port'))} {name}"
            )
        if self._rng.random() < 0.06:
            return f"{name} {self._rng.choice(('Hills', 'Falls', 'Village', 'am Main', 'de Mar', 'Bay'))}"
        return name

    def country(self) -> str:
        return self._rng.choice(self._places["countries"])

    def region(self) -> str:
        return self._rng.choice(self._places["regions"])

    def place(self) -> str:
        return self._choose([(3, self.city), (2, self.country), (1, self.region)])

    def nrp(self) -> str:
        return self._rng.choice(self._demonyms)

    def streetname(self) -> str:
        rng, streets = self._rng, self._streets
        word = self._choose(
            [(2, lambda: rng.choice(streets["words"])), (2, self._street_word), (1, self.family)]
        )
        forms: list[tuple[int, Callable[[], str]]] = [
            (4, lambda: f"{word} {rng.choice(streets['after'])}"),
            (2, lambda: f"{rng.choice(streets['before'])} {word}"),
            (2, lambda: f"{word}{rng.choice(streets['joined'])}".replace(" ", "")),
        ]
        return self._choose(forms)

    def address(self) -> str:
        """One line or several, with or without house number, postal code, town and country."""
        rng, number = (
            self._rng,
            str(self._rng.randint(1, 9999 if self._rng.random() < 0.3 else 199)),
        )
        if rng.random() < 0.08:
            number += rng.choice("ABCabc")
        street = self.streetname()
        parts = [f"{number} {street}" if rng.random() < 0.6 else f"{street} {number}"]
        if rng.random() < 0.3:
            parts[0] += f" {rng.choice(self._streets['units'])} {rng.randint(1, 999)}"
        if rng.random() < 0.6:
            code = rng.choice((f"{rng.randint(1000, 99999)}", self._letter_code(), ""))
            town = self.city()
            parts.append(rng.choice((f"{code} {town}", f"{town} {code}", town)).strip())
        if rng.random() < 0.3:
            parts.append(self.country())
        return rng.choice((", ", ", ", "\n", " ", "\n, ", ",\n")).join(parts)

    def org(self) -> str:
        rng, orgs = self._rng, self._orgs
        part = rng.choice(orgs["parts"])
        forms: list[tuple[int, Callable[[], str]]] = [
            (3, lambda: f"{part} {rng.choice(orgs['fields'])}"),
            (2, lambda: f"{part} {rng.choice(orgs['fields'])} {rng.choice(orgs['forms'])}"),
            (2, lambda: f"{self.family()} {rng.choice(orgs['forms'])}"),
            (2, lambda: f"{self.family()}, {self.family()} and {self.family()}"),
            (1, lambda: f"{self.family()}-{self.family()}"),
            (1, lambda: f"{self.city()} {rng.choice(orgs['fields'])}"),
            (1, lambda: f"{rng.choice(orgs['fields'])} of {self.place()}"),
            (3, lambda: f"{part}{rng.choice(orgs['parts']).lower()}"),
            (3, lambda: rng.choice(orgs["known"])),
        ]
        return self._choose(forms)

    def _choose(self, forms: list[tuple[int, Callable[[], str]]]) -> str:
        (form,) = self._rng.choices([f for _, f in forms], [weight for weight, _ in forms])
        return form()

    def _initial(self) -> str:
        return self._rng.choice("ABCDEFGHIJKLMNOPRSTVW") + self._rng.choice(("", "."))

    def _letter_code(self) -> str:
        rng = self._rng
        letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUWY", k=4))
        return f"{letters[:2]}{rng.randint(1, 29)} {rng.randint(1, 9)}{letters[2:]}"

    def _street_word(self) -> str:
        return self._invented("place", always=True)

    def _invented(self, kind: str, *, always: bool = False) -> str:
        if not always and self._rng.random() > _INVENTED:
            return ""
        return "".join(map(self._rng.choice, self._syllables[kind])).capitalize()


class Generator:
    """The same seed makes the same examples."""

    def __init__(self, seed: int, *, plain: float, prose: Sequence[str] = ()) -> None:
        self._rng = random.Random(seed)
        self._prose = prose
        self._vocabulary = words(prose)
        self._lexicon = Lexicon(_load("lexicon.yaml"), self._rng)
        templates = _load("templates.yaml")
        self._templates: list[str] = templates["labelled"]
        self._plain: list[str] = templates["plain"]
        self._words = {
            slot: _words(templates[kind])
            for slot, kind in {
                "noun": "nouns",
                "adjective": "adjectives",
                "job": "jobs",
                "title": "titles",
            }.items()
        }
        self._share_plain = plain

    def examples(self, count: int) -> Iterator[Example]:
        for _ in range(count):
            yield self._noisy(self._several())

    def _several(self) -> Example:
        """One to four texts in a row, as they come in letters and articles."""
        joined = self._one()
        for _ in range(self._rng.choice((0, 0, 0, 1, 1, 2, 3))):
            following = self._one()
            glue = self._rng.choice((" ", " ", " ", "\n", "\n\n"))
            shift = len(joined.text) + len(glue)
            moved = tuple((s + shift, e + shift, label) for s, e, label in following.spans)
            joined = Example(joined.text + glue + following.text, joined.spans + moved)
        return joined

    def _one(self) -> Example:
        plain = self._rng.random() < self._share_plain
        if plain and self._prose and self._rng.random() < 0.6:
            return Example(self._rng.choice(self._prose), ())
        template = self._rng.choice(self._plain if plain else self._templates)
        text, spans, position = "", [], 0
        for slot in _SLOT.finditer(template):
            text += template[position : slot.start()]
            position = slot.end()
            value, label = self._fill(slot[1])
            if label:
                spans.append((len(text), len(text) + len(value), label))
            text += value
        return Example(text + template[position:], tuple(spans))

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

    def _noisy(self, example: Example) -> Example:
        """Sometimes all small or all capital letters, and sometimes without its last full stop."""
        text, luck = example.text, self._rng.random()
        if luck < 0.08 and len(text.lower()) == len(text):
            return Example(text.lower(), example.spans)
        if luck < 0.11 and len(text.upper()) == len(text):
            return Example(text.upper(), example.spans)
        if luck < 0.3 and text[-1:] in ".!?" and not _touches_end(example):
            return Example(text[:-1], example.spans)
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


def _touches_end(example: Example) -> bool:
    return bool(example.spans) and example.spans[-1][1] == len(example.text)


def _load(name: str) -> Any:
    # Words such as "no" and "on" are names here, not truth values.
    return yaml.load((HERE / name).read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, no objects


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]
