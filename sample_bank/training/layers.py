"""Variations of the wording: phrases around the question, omitted words, synonyms.

Each layer is drawn independently, so a question may have several.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import yaml

from sample_bank.training.wording import say, tidy

Layer = Callable[[Random, str], str]

FILE: Final = Path(__file__).with_name("phrases") / "swaps.yaml"


@cache
def swaps() -> dict[str, dict[str, list[str]]]:
    """Synonyms."""
    known: dict[str, dict[str, list[str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return known


def around(random: Random, text: str) -> str:
    """Adds a reason, a greeting or an excuse before or after the question."""
    roll = random.random()
    if roll < 0.6:
        return f"{say(random, '<said_before>')} {text}"
    if roll < 0.9:
        return f"{text.rstrip('.')} {say(random, '<said_behind>')}"
    return f"{say(random, '<said_before>')} {text.rstrip('.')} {say(random, '<said_behind>')}"


SMALL: Final = frozenset(
    (
        *(
            "the",
            "a",
            "an",
            "our",
            "of",
            "do",
            "does",
            "is",
            "are",
            "we",
            "have",
            "there",
            "please",
        ),
        *("me", "that", "which", "who", "were", "was", "did", "has", "been", "all"),
    )
)


def telegraphic(random: Random, text: str) -> str:
    """Drops most function words."""
    words = text.split(" ")
    kept = [word for word in words if word.lower() not in SMALL or random.random() < 0.35]
    return " ".join(kept) if len(kept) > 2 else text


def shortened(random: Random, text: str) -> str:
    """Abbreviates as in a text message: "how mny accts w/o a card"."""
    for words, others in swaps()["short"].items():
        if random.random() < 0.5:
            text = re.sub(rf"(?<![\w'&]){words}(?![\w'])", random.choice(others), text)
    return text


def reworded(random: Random, text: str) -> str:
    """Replaces some frequent words by synonyms."""
    for words, others in swaps()["same"].items():
        if random.random() < 0.4:
            text = re.sub(rf"(?<!\w){words}(?!\w)", random.choice(others), text)
    return text


def moved(random: Random, text: str) -> str:
    """Moves the last part to the front: "in May 2026, how many ...", "for premium customers: ..."."""
    found = re.fullmatch(
        r"(.{12,}) ((?:in|during|since|for|from|over|within|among) [^,:?]{4,40})(\??)", text
    )
    if not found or re.search(r"\b(?:between|from|by|per)\b", found[0]):
        return text
    first, last, mark = found.groups()
    return f"{last}{random.choice((', ', ': ', ' - ', ' '))}{first}{mark}"


def asked_twice(random: Random, text: str) -> str:
    """Adds an ending that asks again."""
    if not text.lower().startswith(("how many", "number of", "count")):
        return text
    bare = re.sub(r"^(?:how many|number of|count) ", "", text.rstrip("?.! "))
    return f"{bare}{say(random, '<asked_again>')}"


LAYERS: Final[tuple[tuple[Layer, float], ...]] = (
    (reworded, 0.22),
    (moved, 0.04),
    (asked_twice, 0.05),
    (telegraphic, 0.05),
    (around, 0.13),
    (shortened, 0.03),
)


def layered(random: Random, text: str) -> str:
    for layer, share in LAYERS:
        if random.random() < share:
            text = layer(random, text)
    return tidy(text)
