"""Finds instructions that somebody tries to slip in, by weighted rules over undisguised text.

text ──▶ windows ──▶ fold ──▶ plain, unleeted, unsplit, decoded ──▶ rules ──▶ score 0 to 1
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from genai.safety import injection_languages as languages
from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.injection_rules import BY_WORD, Rule
from genai.safety.normalise import decoded, fold, join_split_words, rot13, unleet

WINDOW = 1_200
STEP = 900
"""Doubts add up inside one window only, so that a long text is not suspicious for its length."""

_WORDS = re.compile(r"\w+")
_SPACES = re.compile(r"[^\S\n]{2,}|\n\s+")
_QUOTES = str.maketrans("’‘`´“”", "''''\"\"")
_MIXED = re.compile(r"[a-z@$!|][013457@$!|]|[013457@$!|][a-z]")
_SPLIT = re.compile(r"(?:(?<![^\W_])[^\W_][ ._*|/-]{1,2}){4}")
_CODED = re.compile(r"[A-Za-z0-9+/_-]{16}|%[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}[ ,:]){8}")
_ROT13 = frozenset(
    map(rot13, ["ignore", "instructions", "prompt", "system", "previous", "disregard"])
)
_FOREIGN_WEIGHT = 0.75


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a part of a text looks like instructions, and the rule that weighs most."""

    start: int
    end: int
    score: float
    rule: str


class InjectionCheck(Check):
    """``actions`` says for each stage what follows; ``flag`` records the finding and passes it on."""

    name = "injection"

    def __init__(
        self, actions: Mapping[Stage, Literal["block", "flag"]], *, threshold: float
    ) -> None:
        self._actions = dict(actions)
        self._threshold = threshold

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        action = self._actions.get(stage)
        if action is None:
            return Scan(safe_upto=len(text))
        findings = tuple(
            Finding(
                start=found.start,
                end=found.end,
                rule=found.rule,
                score=round(found.score, 3),
                replacement=text[found.start : found.end] if action == "flag" else None,
            )
            for found in suspicions(text)
            if found.score >= self._threshold
        )
        return Scan(findings=findings, safe_upto=len(text) if final else 0)


def suspicions(text: str) -> Iterator[Suspicion]:
    """One for each window of the text, and one for what is coded in it."""
    for start in range(0, max(1, len(text) - WINDOW + STEP), STEP):
        end = min(len(text), start + WINDOW)
        score, rule = max(map(_score, _readings(text[start:end])))
        yield Suspicion(start, end, score, rule)
    if _CODED.search(text):
        hidden = [_score(reading) for found in decoded(text) for reading in _readings(found)]
        if hidden:
            score, rule = max(hidden)
            yield Suspicion(0, len(text), score, rule and f"encoded_{rule}")


def _readings(text: str) -> Iterator[str]:
    """The text as it can be read: as it stands, and without each disguise it may wear."""
    folded = fold(text).translate(_QUOTES).lower()
    plain = _SPACES.sub(_one_space, folded)
    yield plain
    if _MIXED.search(plain):
        yield unleet(plain)
    if _SPLIT.search(folded):
        yield join_split_words(folded)
    if not _ROT13.isdisjoint(plain.split()):
        yield rot13(plain)


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _score(text: str) -> tuple[float, str]:
    """How sure the rules are together, and the name of the one that is surest."""
    doubt, heaviest, name = 1.0, 0.0, ""
    for rule in _matching(text):
        doubt *= 1 - rule.weight
        if rule.weight > heaviest:
            heaviest, name = rule.weight, rule.name
    if languages.MAY_MATTER.search(text) and _in_other_languages(text):
        doubt *= 1 - _FOREIGN_WEIGHT
        name = name or "override"
    return 1 - doubt, name


def _matching(text: str) -> list[Rule]:
    tried = {rule for word in set(_WORDS.findall(text)) for rule in BY_WORD.get(word, ())}
    return [rule for rule in tried if rule.pattern.search(text)]


def _in_other_languages(text: str) -> bool:
    orders = (*languages.ORDERS, languages.PROMPT)
    return any(order.position(text) is not None for order in orders)
