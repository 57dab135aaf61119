"""One rule about what instructions look like that somebody slips in."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """``weight`` (0 to 1) is how sure the rule is alone; sure enough ones add up.

    It is tried only on texts that have one of the words in ``needs``, and one of those in ``also``
    unless that is empty. It sees small letters.
    """

    name: str
    weight: float
    needs: frozenset[str]
    also: frozenset[str]
    pattern: re.Pattern[str]


def rule(name: str, weight: float, needs: str, *parts: str, gap: int = 3, also: str = "") -> Rule:
    """Parts follow each other in one sentence, with at most ``gap`` words between them."""
    between = rf"(?:[^\w.!?]{{1,6}}\w{{1,30}}){{0,{gap}}}?[^\w.!?]{{1,6}}"
    pattern = between.join(f"(?:{part})" for part in parts)
    return Rule(
        name, weight, frozenset(needs.split()), frozenset(also.split()), re.compile(pattern)
    )


def words(text: str) -> str:
    """The pattern of any of these whole words."""
    return rf"\b(?:{'|'.join(text.split())})\b"
