"""Names of people and towns by country, from the lists of Faker, if it is installed.

The lexicon of the project suffices for tests; the shipped model was trained on both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from typing import Any

_GIVEN = ("first_names", "first_names_male", "first_names_female")
_FAMILY = ("last_names", "last_names_male", "last_names_female")
_TOWNS = ("cities", "city_names", "towns", "municipalities", "counties")
_FEWEST = 20
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ɏ][\w'.-]*(?: [\w'.-]+){0,3}")


def cultures() -> list[dict[str, list[str]]]:
    """Given and family names of one country each, in Latin letters."""
    pairs = ((_listed(names, _GIVEN), _listed(names, _FAMILY)) for names in _providers("person"))
    return [
        {"given": given, "family": family}
        for given, family in pairs
        if len(given) >= _FEWEST and len(family) >= _FEWEST
    ]


def towns() -> list[str]:
    found = chain.from_iterable(_listed(places, _TOWNS) for places in _providers("address"))
    return sorted(set(found))


def _providers(kind: str) -> Iterator[Mapping[str, Any]]:
    try:
        package = import_module(f"faker.providers.{kind}")
    except ImportError:
        return
    for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
        yield vars(import_module(f"{package.__name__}.{module.name}").Provider)


def _listed(provider: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    lists = (provider.get(name) for name in names)
    kept = {
        entry for of_one in lists if isinstance(of_one, (tuple, list, dict)) for entry in of_one
    }
    words = (entry for entry in kept if isinstance(entry, str) and _is_latin(entry))
    return sorted(entry for entry in words if _NAME.fullmatch(entry))


def _is_latin(name: str) -> bool:
    return all(ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00 for letter in name)
