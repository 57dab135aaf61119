"""A rule for one pattern of prompt injection."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_OPENING = re.compile(r"\\b(?:\(\?:([a-z0-9|]+)\)|([a-z0-9]+))(?:\\b| (?![?*{]))")
"""A part that begins with one of certain whole words."""

_ESCAPED = re.compile(r"\\[^b]")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\([^()]*\)")
_WHOLE_WORD = re.compile(r"(?:\\b| )([a-z0-9]+)(?=\\b| (?![?*{]))")


CERTAIN = 1.0
"""The weight of rules that a classifier cannot overrule. Lower weights never add up to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """``weight`` (0 to `CERTAIN`) is the score of this rule alone; scores add up.

    The pattern is tried only on texts with one of the words in ``needs``, one of each set in ``also``,
    and all of ``every``. Texts are in lower case.
    """

    name: str
    weight: float
    needs: frozenset[str]
    also: tuple[frozenset[str], ...]
    every: frozenset[str]
    pattern: re.Pattern[str]

    def may_match(self, words: AbstractSet[str]) -> bool:
        """Whether a text with these words may match."""
        return self.every <= words and not any(some.isdisjoint(words) for some in self.also)


def rule(name: str, weight: float, needs: str, *parts: str, gap: int = 3, also: str = "") -> Rule:
    """Builds a rule whose parts follow each other in a sentence, with at most ``gap`` words between
    them.
    """
    between = rf"(?:[^\w.!?]{{1,6}}\w{{1,30}}){{0,{gap}}}?[^\w.!?]{{1,6}}"
    pattern = between.join(f"(?:{part})" for part in parts)
    later = [part if part.startswith("\\b") else rf"\b{part}" for part in parts[1:]]
    sets = {frozenset(also.split()), *map(_opening_words, (parts[0], *later))} - {frozenset()}
    every = frozenset().union(*map(_whole_words, (parts[0], *later)))
    needed = frozenset(needs.split())
    return Rule(name, weight, needed, tuple(sets - {needed}), every, re.compile(pattern))


def _opening_words(part: str) -> frozenset[str]:
    """Words of which a match of the part has at least one; empty if that cannot be derived."""
    opening = _OPENING.match(part)
    if opening is None or _has_alternatives(part):
        return frozenset()
    return frozenset((opening[1] or opening[2]).split("|"))


def _whole_words(part: str) -> frozenset[str]:
    """Words that every match of the part has, as far as they can be derived: those outside groups."""
    bare, grouped = "", _CLASS.sub("#", _ESCAPED.sub("#", part))
    while bare != grouped:
        bare, grouped = grouped, _GROUP.sub("#", grouped)
    return frozenset() if "|" in bare else frozenset(_WHOLE_WORD.findall(bare))


def _has_alternatives(part: str) -> bool:
    depth = 0
    for char in part:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth <= 0:
            return True
    return depth != 0


def words(text: str) -> str:
    """A pattern for any of these whole words."""
    return rf"\b(?:{'|'.join(text.split())})\b"
