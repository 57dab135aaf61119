"""Content words of a text, stemmed."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:['\u2019]s\b)?")

_REMEMBERED = 4_096
"""Cache sizes for texts and words. Questions rarely recur; passages do."""
_LONG = 4_000
"""In characters. Longer texts come from callers and are not cached."""

STOP_WORDS = frozenset(
    """
    a about above actually after again against all also am an and any are as at be because
    been before being below between both but by can cannot could d describe did didn do does
    doesn doing don done down during each else ever explain few for from further get gets
    getting give go goes going got had happen happens has have having he hello her here hers
    hi him his how however i if in into is isn it its itself just kind know let like ll long m
    many may maybe me mean means might mine more most much must my myself need needs no nor
    not now of off often ok okay on once one ones only or other our ours out over own per
    please possible re s said same say says shall she should so some someone something still
    such t tell than thank thanks that the their theirs them then there these they thing
    things this those through to too under until up us use used using ve very via want wants
    was wasn way we well were what whatever when where whether which while who whom whose why
    will with within without won would yes yet you your yours
    """.split()  # noqa: SIM905  (one word a line helps nobody)
)

NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    )
}


def content_words(text: str) -> frozenset[str]:
    """The stems of all words but stop words; numbers as written."""
    return frozenset(_contents(text) if len(text) <= _LONG else _read(text))


@lru_cache(maxsize=_REMEMBERED)
def _contents(text: str) -> tuple[str, ...]:
    return _read(text)


def _read(text: str) -> tuple[str, ...]:
    words = (
        word.lower().removesuffix("'s").removesuffix("\u2019s") for word in _WORD.findall(text)
    )
    return tuple(stem(word) for word in words if word not in STOP_WORDS)


def word_weights(asked: frozenset[str], passages: Sequence[frozenset[str]]) -> dict[str, float]:
    """The weight of each word of a question: higher if fewer passages contain it."""
    total = len(passages)
    counts = {word: sum(word in passage for passage in passages) for word in asked}
    return {word: math.log((total + 1.5) / (count + 0.5)) for word, count in counts.items()}


_TELLING = 3.0
"""Minimum total weight of a question: one rare word, or several less rare ones."""


def covered(weights: Mapping[str, float], words: frozenset[str]) -> float:
    """The share of the weights that falls on these words.

    A question of common words only is never covered well, because finding them proves little.
    """
    found = sum(weight for word, weight in weights.items() if word in words)
    return found / max(_TELLING, sum(weights.values()))


def shared(asked: frozenset[str], words: frozenset[str]) -> float:
    """The share of a question's words among these; 1 for a question without any."""
    return len(asked & words) / len(asked) if asked else 1.0


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """Removes common English endings, so that ``withdrawals`` equals ``withdraw``."""
    if word[0].isdigit():
        return word.replace(",", "")
    for endings in (_INFLECTIONS, _DERIVATIONS):
        word = _tidy(_cut(word, endings))
    return word


_INFLECTIONS = (("ies", "y", 2), ("ied", "y", 2), ("ing", "", 3), ("ed", "", 3), ("s", "", 3))
_DERIVATIONS = (
    ("ation", "", 4),
    ("ment", "", 4),
    ("ance", "", 4),
    ("anc", "", 4),
    ("ion", "", 4),
    ("al", "", 5),
    ("er", "", 4),
    ("or", "", 4),
    ("ly", "", 4),
)
"""Endings, their replacements, and the minimum letters before them."""


def _cut(word: str, endings: Sequence[tuple[str, str, int]]) -> str:
    for ending, replacement, shortest in endings:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            return word[: len(word) - len(ending)] + replacement
    return word


def _tidy(root: str) -> str:
    """Unifies ``cancell`` and ``cancel``, ``charge`` and ``charg``, and so on."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouy":
        root = root[:-1]
    if len(root) > 3 and root.endswith("e"):
        root = root[:-1]
    return root[:-1] + "y" if len(root) > 3 and root.endswith("i") else root
