"""Generates random words of many languages, so that rare languages are not suspicious by themselves.

The words are from Faker, if it is installed. Half of the examples have an attack after the words.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Any

from genai.safety.examples.grammar import Grammar
from genai.safety.training.examples import GENERATED, LabelledText

HARMLESS = f"{GENERATED}/chatter"
ATTACKS = f"{GENERATED}/chatter_attack"

_ATTACK_RULES = ("foreign_attack", "e_foreign", "everyday_attack", "sly_attack", "override")
_FEWEST = 300
"""Minimum words of a list."""
_LONGEST = 14
_ENDS = (".", ".", "!", "?", "...", "", ",")


def chatter(
    grammar: Grammar, lists: Sequence[Sequence[str]], count: int, seed: int
) -> list[LabelledText]:
    """``count`` examples, half of them with an attack after the words; none without ``lists``.

    Each takes its words from one list. Deterministic by ``seed``.
    """
    if not lists:
        return []
    random = Random(seed)
    found = []
    for number in range(count):
        prose = _sentences(random.choice(lists), random)
        if number % 2:
            attack = grammar.say(random.choice(_ATTACK_RULES), random)
            found.append(LabelledText(ATTACKS, f"{prose} {attack}", attack=True))
        else:
            found.append(LabelledText(HARMLESS, prose, attack=False))
    return found


def _sentences(words: Sequence[str], random: Random) -> str:
    """One to three sentences of random words."""
    parts = []
    for _ in range(random.choice((1, 1, 2, 3))):
        chosen = random.choices(words, k=random.randint(3, _LONGEST))
        parts.append(" ".join(chosen) + random.choice(_ENDS))
    return " ".join(parts)


def word_lists() -> list[Sequence[str]]:
    """The distinct word lists, ordered by language."""
    long = (words for words in _providers() if len(words) >= _FEWEST)
    return list(dict.fromkeys(long))


def _providers() -> Iterator[tuple[str, ...]]:
    try:
        package = import_module("faker.providers.lorem")
    except ImportError:
        return
    for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
        provider: Mapping[str, Any] = vars(
            import_module(f"{package.__name__}.{module.name}").Provider
        )
        yield tuple(provider.get("word_list") or ())
