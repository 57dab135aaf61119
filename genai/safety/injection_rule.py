"""A rule for one pattern of prompt injection."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_OPENING = re.compile(r"\\b(?:\(\?:([a-z0-9|]+)\)|([a-z0-9]+))(?:\\b| (?![?*{]))")
"""A part that begins with one of some whole words."""

_ESCAPED = re.compile(r"\\[^b]")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\([^()]*\)")
_WHOLE_WORD = re.compile(r"(?:\\b| )([a-z0-9]+)(?=\\b| (?![?*{]))")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """``weight`` (0 to 1) is how sure the rule is alone; sure enough ones add up.

    It is tried only on texts that have one of the words in ``needs``, one of each set in ``also``, and
    all of ``every``. It sees small letters.
    """

    name: str
    weight: float
    needs: frozenset[str]
    also: tuple[frozenset[str], ...]
    every: frozenset[str]
    pattern: re.Pattern[str]

    def may_match(self, words: AbstractSet[str]) -> bool:
        """Whether a text of these words, of which one is needed, is worth the pattern."""
        return self.every <= words and not any(some.isdisjoint(words) for some in self.also)


def rule(name: str, weight: float, needs: str, *parts: str, gap: int = 3, also: str = "") -> Rule:
    """Parts follow each other in one sentence, with at most ``gap`` words between them."""
    between = rf"(?:[^\w.!?]{{1,6}}\w{{1,30}}){{0,{gap}}}?[^\w.!?]{{1,6}}"
    pattern = between.join(f"(?:{part})" for part in parts)
    later = [part if part.startswith("\\b") else rf"\b{part}" for part in parts[1:]]
    sets = {frozenset(also.split()), *map(_opening_words, (parts[0], *later))} - {frozenset()}
    every = frozenset().union(*map(_whole_words, (parts[0], *later)))
    needed = frozenset(needs.split())
    return Rule(name, weight, needed, tuple(sets - {needed}), every, re.compile(pattern))


def _opening_words(part: str) -> frozenset[str]:
    """Words of which a match of the part has one; none when that cannot be told from its look."""
    opening = _OPENING.match(part)
    if opening is None or _has_alternatives(part):
        return frozenset()
    return frozenset((opening[1] or opening[2]).split("|"))


def _whole_words(part: str) -> frozenset[str]:
    """Words that every match of the part has: those that stand in no group, as far as its look tells."""
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
    """The pattern of any of these whole words."""
    return rf"\b(?:{'|'.join(text.split())})\b"
