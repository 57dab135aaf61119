"""What people say around a question, leave out of it, and call by another word.

Each layer is drawn by itself, so that one question may have several of them.
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
    """Words that may stand for others."""
    known: dict[str, dict[str, list[str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return known


def around(random: Random, text: str) -> str:
    """A reason for asking, a greeting, an excuse: before the question or behind it."""
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
    """Without most of the small words."""
    words = text.split(" ")
    kept = [word for word in words if word.lower() not in SMALL or random.random() < 0.35]
    return " ".join(kept) if len(kept) > 2 else text


def shortened(random: Random, text: str) -> str:
    """As in a message typed on the way: "how mny accts w/o a card"."""
    for words, others in swaps()["short"].items():
        if random.random() < 0.5:
            text = re.sub(rf"(?<![\w'&]){words}(?![\w'])", random.choice(others), text)
    return text


def reworded(random: Random, text: str) -> str:
    """With other words for some of those that most questions share."""
    for words, others in swaps()["same"].items():
        if random.random() < 0.4:
            text = re.sub(rf"(?<!\w){words}(?!\w)", random.choice(others), text)
    return text


def moved(random: Random, text: str) -> str:
    """With its last part in front: "in May 2026, how many ...", "for premium customers: ..."."""
    found = re.fullmatch(
        r"(.{12,}) ((?:in|during|since|for|from|over|within|among) [^,:?]{4,40})(\??)", text
    )
    if not found or re.search(r"\b(?:between|from|by|per)\b", found[0]):
        return text
    first, last, mark = found.groups()
    return f"{last}{random.choice((', ', ': ', ' - ', ' '))}{first}{mark}"


def asked_twice(random: Random, text: str) -> str:
    """With an end that asks once more."""
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
