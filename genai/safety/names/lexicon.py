"""Draws names of people, places, streets and organisations, and addresses in the forms of many countries."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from genai.safety.names.known_names import cultures, towns

_INVENTED = 0.2
"""The share of names that are in no list, so that the model learns from form and context."""


def spelt(text: str) -> list[str]:
    """Entries separated by spaces; an underscore is a space within an entry."""
    return [word.replace("_", " ") for word in text.split()]


class Lexicon:
    """Draws from one region of the world at a time."""

    def __init__(self, data: Mapping[str, Any], rng: random.Random) -> None:
        self._rng = rng
        self._cultures = [
            {kind: spelt(names) for kind, names in culture.items()}
            for culture in data["cultures"].values()
        ]
        self._cultures += cultures()
        self._syllables = data["syllables"]
        self._places = {kind: spelt(data[kind]) for kind in ("countries", "cities", "regions")}
        self._towns = towns() or self._places["cities"]
        self._demonyms = spelt(data["demonyms"])
        self._streets = {kind: spelt(words) for kind, words in data["streets"].items()}
        self._orgs = {kind: spelt(words) for kind, words in data["organizations"].items()}
        self._culture = self._cultures[0]

    def move(self) -> None:
        """Moves to another region, for the next names."""
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
        listed = self._places["cities"] if self._rng.random() < 0.5 else self._towns
        name = self._invented("place") or self._rng.choice(listed)
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
        """An address of one or more lines, with or without house number, postal code, town and country."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.08:
            return self._corner()
        if kind < 0.13:
            return self._military()
        parts = [self._house()]
        if rng.random() < 0.65:
            parts += self._town()
        if rng.random() < 0.4:
            parts.append(self._ended(self.country()))
        glue = rng.choice((", ", ", ", "\n", " ", "\n, ", ",\n", "\n ", "\n    ", ",\n  "))
        return glue.join(parts)

    def _house(self) -> str:
        """Street and number in either order, with a flat or a box."""
        rng, street = self._rng, self.streetname()
        number = str(rng.randint(1, 9999 if rng.random() < 0.3 else 199))
        if rng.random() < 0.08:
            number += rng.choice("ABCabc")
        if rng.random() < 0.05:
            street = rng.choice(
                (f"P.O. Box {rng.randint(1, 9999)}", f"PO Box {rng.randint(1, 9999)}")
            )
        style = rng.random()
        if style < 0.45:
            house = f"{number} {street}"
        elif style < 0.75:
            house = f"{street} {number}"
        elif style < 0.95:
            house = f"{rng.randint(1, 99999)} {street} {number}"
        else:
            house = f"{rng.randint(100, 99999)} {number} {street}"
        if rng.random() < 0.4:
            glue = rng.choice((" ", " ", ", ", "\n", "\n "))
            house += f"{glue}{rng.choice(self._streets['units'])} {rng.randint(1, 999):0{rng.choice((1, 3))}}"
        return house

    def _town(self) -> list[str]:
        rng, town = self._rng, self.city()
        if rng.random() < 0.15:
            town = town.upper()
        code = self._postal_code() if rng.random() < 0.7 else ""
        state = rng.choice((self._state(), self.region())) if rng.random() < 0.3 else ""
        if state:
            return (
                [town, " ".join(filter(None, (state, code)))]
                if rng.random() < 0.6
                else [" ".join(filter(None, (town, state, code)))]
            )
        return [rng.choice((f"{code} {town}", f"{town} {code}", town)).strip()]

    def _ended(self, country: str) -> str:
        ended = f"{country} {self._postal_code()}" if self._rng.random() < 0.4 else country
        return ended.upper() if self._rng.random() < 0.1 else ended

    def _corner(self) -> str:
        streets = f"{self.streetname()} and {self.streetname()}"
        if self._rng.random() < 0.3:
            streets = f"{self._rng.randint(1, 999)} {streets}"
        return f"{self._rng.choice(('the corner of ', 'corner of ', ''))}{streets}"

    def _military(self) -> str:
        rng = self._rng
        unit = rng.choice(
            (
                f"PSC {rng.randint(1, 9999)}, Box {rng.randint(1, 9999)}",
                f"Unit {rng.randint(1, 9999)} Box {rng.randint(1, 9999)}",
                f"{rng.choice(('USS', 'USNS', 'USNV', 'USCGC'))} {self.family()}",
            )
        )
        post = f"{rng.choice(('APO', 'FPO', 'DPO'))} {rng.choice(('AA', 'AE', 'AP'))}"
        return f"{unit}{rng.choice((chr(10), ', ', ' '))}{post} {rng.randint(10000, 99999)}"

    def _postal_code(self) -> str:
        rng = self._rng
        digits = (
            f"{rng.randint(1000, 99999)}" if rng.random() < 0.5 else f"{rng.randint(0, 99999):05}"
        )
        return digits if rng.random() < 0.8 else self._letter_code()

    def _state(self) -> str:
        return "".join(self._rng.choices("ABCDEFGHIKLMNOPRSTUVWXY", k=2))

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
