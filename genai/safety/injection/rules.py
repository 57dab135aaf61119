"""All rules for prompt injection, and their combined score."""

import math
import re
from collections.abc import Iterable
from itertools import islice

from genai.safety.injection import languages
from genai.safety.injection.orders import DROP_RULES, NEW_RULES, SHOW_RULES
from genai.safety.injection.personas import PERSONA_RULES
from genai.safety.injection.reading import Reading
from genai.safety.injection.rule import CERTAIN, Rule
from genai.safety.injection.traces import TRACE_RULES

RULES: tuple[Rule, ...] = (*DROP_RULES, *NEW_RULES, *SHOW_RULES, *PERSONA_RULES, *TRACE_RULES)

_BY_WORD: dict[str, tuple[Rule, ...]] = {
    word: tuple(rule for rule in RULES if word in rule.needs)
    for word in sorted({word for rule in RULES for word in rule.needs})
}
WORDS = frozenset(_BY_WORD)
"""Words of which any matching text has one."""

MATCHES = 8
_ASKED = re.compile(
    r"\b(?:how (?:do|does|did|can|could|to|would|should|might)|why|what (?:do|does|happens|is|are)"
    r"|should (?:i|we)|(?:can|could|may|did|do|does) (?:i|we|he|she|they|it|people"
    r"|(?:the|my) \w{1,20})|is it|is there"
    r"|example of|such as|phrase|meaning of|means?|avoid|whether|tend to"
    r"|if (?:i|we|they|someone))\b[^.!?\n]{0,30}\Z"
)
_ASKED_DISCOUNT = 0.4
_FOREIGN_WEIGHT = 0.75
_SAME_WORDS = frozenset({"override", "extraction"})
"""Rules of these names overlap, so only the highest weight counts."""


def score(read: Reading, floor: float = 0.0) -> tuple[float, str]:
    """The combined score of the rules (0 to 1), and the name of the rule with the highest weight.

    If the rules cannot reach ``floor``, they are skipped and the score is 0.
    """
    tried = _tried(read)
    foreign = languages.orders_in(read.text, read.words)
    if not foreign and _together(rule.weight for rule in tried) < floor:
        return 0.0, ""
    found = [(_weight(rule, read.text), rule.name) for rule in tried]
    if foreign:
        bare = languages.is_bare_order(read.text)
        found.append((CERTAIN if bare else _FOREIGN_WEIGHT, "override"))
    one_each = {name: max(w for w, n in found if n == name) for _, name in found}
    many = [weight for weight, name in found if name not in _SAME_WORDS]
    many += [weight for name, weight in one_each.items() if name in _SAME_WORDS]
    sure = _together(many)
    return sure, max(found)[1] if sure > 0 else ""


def _together(weights: Iterable[float]) -> float:
    return 1 - math.prod(1 - weight for weight in weights)


def _tried(read: Reading) -> list[Rule]:
    called = {rule for word in WORDS & read.words for rule in _BY_WORD[word]}
    return [rule for rule in called if rule.may_match(read.words)]


def _weight(rule: Rule, text: str) -> float:
    """The weight of the rule if it matches; less if its words are mentioned, not used."""
    weight = 0.0
    for match in islice(rule.pattern.finditer(text), MATCHES):
        start = match.start()
        if rule.name == "extraction" or not _ASKED.search(text, max(0, start - 45), start):
            return rule.weight
        weight = rule.weight * _ASKED_DISCOUNT
    return weight
