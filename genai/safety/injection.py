"""Finds instructions that somebody tries to slip in, by weighted rules over undisguised text.

text ──▶ windows ──▶ fold ──▶ plain, unleeted, unsplit, decoded ──▶ rules ──▶ score 0 to 1
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from genai.safety import injection_languages as languages
from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.injection_rule import Rule
from genai.safety.injection_rules import BY_WORD
from genai.safety.normalise import decoded, fold, join_split_words, rot13, unleet

WINDOW = 1_200
STEP = 900
MATCHES = 8
"""Doubts add up inside one window only, so that a long text is not suspicious for its length."""

_WORDS = re.compile(r"\w+")
_SPACES = re.compile(r"[^\S\n]+|\n\s*")
_UNEVEN = re.compile(r"[^\S\n ]|[^\S\n]{2}|\n\s")
_QUOTES = (("\u2018", "'"), ("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("`", "'"))
_MIXED = re.compile(r"[a-z@$!|][013457@$!|]|[013457@$!|][a-z]")
_HEX_CODES = re.compile(r"(?:[0-9A-Fa-f]{2}[ ,:]){8}")
_ROT13 = frozenset(map(rot13, ("ignore", "instructions", "prompt", "system", "previous")))
_ASKED = re.compile(
    r"\b(?:how (?:do|does|did|can|could|to|would|should|might)|why|what (?:do|does|happens|is|are)"
    r"|should (?:i|we)|(?:can|could|may|did|do|does) (?:i|we|he|she|they|it|people)|is it"
    r"|example of|such as|phrase|meaning of|means?|avoid|whether|tend to"
    r"|if (?:i|we|they|someone))\b[^.!?\n]{0,30}\Z"
)
_ASKED_DISCOUNT = 0.4
_FOREIGN_WEIGHT = 0.75
_SAME_WORDS = frozenset({"override", "extraction"})
"""Rules of these names match the same words in several ways, so only the surest counts."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a part of a text looks like instructions, and the rule that weighs most."""

    start: int
    end: int
    score: float
    rule: str


class InjectionCheck(Check):
    """Says for each stage what follows a finding; ``flag`` records it and lets the text pass.

    ``thresholds`` is the score that makes a finding of a suspicion, by stage.
    """

    name = "injection"
    waits = False

    def __init__(
        self, actions: Mapping[Stage, Literal["block", "flag"]], thresholds: Mapping[Stage, float]
    ) -> None:
        self._actions = dict(actions)
        self._thresholds = dict(thresholds)

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
            if found.score >= self._thresholds[stage]
        )
        return Scan(findings=findings, safe_upto=len(text) if final else 0)


def suspicions(text: str) -> Iterator[Suspicion]:
    """One for each window of the text, and one for what is coded in it."""
    for start in range(0, max(1, len(text) - WINDOW + STEP), STEP):
        end = min(len(text), start + WINDOW)
        score, rule = max(map(_score, _readings(text[start:end])))
        yield Suspicion(start, end, score, rule)
    if _may_be_coded(text):
        hidden = [_score(reading) for found in decoded(text) for reading in _readings(found)]
        if hidden:
            score, rule = max(hidden)
            yield Suspicion(0, len(text), score, rule and f"encoded_{rule}")


def _may_be_coded(text: str) -> bool:
    """Cheap, and true for nearly no prose: a very long word, or the signs of other codes."""
    if max(map(len, _WORDS.findall(text)), default=0) >= 16 or "%" in text or "\\x" in text:
        return True
    return text.count("0x") >= 8 or _HEX_CODES.search(text) is not None


class _Reading(NamedTuple):
    text: str
    words: list[str]


def _read(text: str) -> _Reading:
    return _Reading(text, _WORDS.findall(text))


def _readings(text: str) -> Iterator[_Reading]:
    """The text as it can be read: as it stands, and without each disguise it may wear."""
    folded = fold(text).lower()
    for fancy, plain in _QUOTES:
        folded = folded.replace(fancy, plain)
    read = _read(_SPACES.sub(_one_space, folded) if _UNEVEN.search(folded) else folded)
    yield read
    if _MIXED.search(read.text):
        unmasked = _read(unleet(read.text))
        if not BY_WORD.keys().isdisjoint(set(unmasked.words).difference(read.words)):
            yield unmasked
    if _SPLIT.search(folded):
        yield _read(join_split_words(folded))
    if not _ROT13.isdisjoint(read.words):
        yield _read(rot13(read.text))


_SPLIT = re.compile(r"(?:(?<!\w)[^\W_][^\w\n]{1,3}){3}")
"""Three letters in a row that each stand alone. Prose has single letters, but not side by side."""


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _score(reading: _Reading) -> tuple[float, str]:
    """How sure the rules are together, and the name of the one that is surest."""
    text, words = reading.text, set(reading.words)
    found = [(_weight(rule, text), rule.name) for rule in _tried(words)]
    if languages.may_matter(text, words) and languages.orders_in(text):
        found.append((_FOREIGN_WEIGHT, "override"))
    one_each = {name: max(w for w, n in found if n == name) for _, name in found}
    many = [weight for weight, name in found if name not in _SAME_WORDS]
    many += [weight for name, weight in one_each.items() if name in _SAME_WORDS]
    doubt = math.prod(1 - weight for weight in many)
    return 1 - doubt, max(found)[1] if doubt < 1 else ""


def _tried(words: set[str]) -> list[Rule]:
    called = {rule for word in words for rule in BY_WORD.get(word, ())}
    return [rule for rule in called if not rule.also or not rule.also.isdisjoint(words)]


def _weight(rule: Rule, text: str) -> float:
    """The rule's weight where it matches; less where its words are asked about, not said."""
    weight = 0.0
    for match in islice(rule.pattern.finditer(text), MATCHES):
        start = match.start()
        if rule.name == "extraction" or not _ASKED.search(text, max(0, start - 45), start):
            return rule.weight
        weight = rule.weight * _ASKED_DISCOUNT
    return weight
