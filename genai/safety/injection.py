"""Finds instructions that somebody tries to slip in, by weighted rules over undisguised text.

text ──▶ windows ──▶ readings, each without a disguise ──▶ rules ──▶ score 0 to 1
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from genai.safety import injection_rules as rules
from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.injection_reading import may_hide, readings
from genai.safety.normalise import decoded

WINDOW = 1_200
STEP = 900
"""Doubts add up inside one window only, so that a long text is not suspicious for its length."""


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
        threshold = self._thresholds[stage]
        findings = tuple(
            Finding(
                start=found.start,
                end=found.end,
                rule=found.rule,
                score=round(found.score, 3),
                replacement=text[found.start : found.end] if action == "flag" else None,
            )
            for found in suspicions(text, floor=threshold)
            if found.score >= threshold
        )
        return Scan(findings=findings, safe_upto=len(text) if final else 0)


def suspicions(text: str, floor: float = 0.0) -> Iterator[Suspicion]:
    """One for each window of the text, and one for what is coded in it.

    What cannot reach ``floor`` may be given the score 0.
    """
    coded = False
    for start in range(0, max(1, len(text) - WINDOW + STEP), STEP):
        window = text[start : start + WINDOW]
        read = list(readings(window, rules.WORDS))
        score, rule = max(rules.score(reading, floor) for reading in read)
        yield Suspicion(start, start + len(window), score, rule)
        coded = coded or may_hide(window, read[0])
    if coded:
        hidden = (reading for found in decoded(text) for reading in readings(found, rules.WORDS))
        score, rule = max((rules.score(reading, floor) for reading in hidden), default=(0.0, ""))
        if rule:
            yield Suspicion(0, len(text), score, f"encoded_{rule}")
