"""Detects prompt injection, by rules and by a classifier.

text ──▶ windows ──▶ readings, each without a disguise ──▶ rules, classifier ──▶ score 0 to 1
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.classifiers.classifier import Classifier
from genai.safety.injection import rules
from genai.safety.injection.reading import may_hide, readings
from genai.safety.injection.reports import without_reports
from genai.safety.injection.retractions import without_retractions
from genai.safety.injection.rule import CERTAIN
from genai.safety.injection.service_words import is_service_request
from genai.safety.injection.windows import windows
from genai.safety.normalise import decoded
from genai.safety.unspaced import UNSPACED, extent

WINDOW = 1_200
STEP = 900
"""Scores add up within one window only, so that long texts are not suspicious by length."""
SURE = 0.9
SHORTEST = 25
"""Minimum characters for the classifier: in shorter texts a few words would decide."""
SHORTEST_DATA = 12
"""The same for data, where an order to a machine is suspicious even if short."""

_SCRIPTS = f"A-Za-z\u00aa-\u024f\u0400-\u04ff\u0600-\u06ff{UNSPACED}"
_UNKNOWN_LETTERS = {
    True: re.compile(rf"[^\W\d_{_SCRIPTS}]"),
    False: re.compile(r"[^\W\d_\x00-\x7f]"),
}
"""Letters of languages that a classifier knows too little to clear, in data and in questions."""
_FIRST_PERSON = re.compile(
    r"\b(?:my|our|mine|i|mis?|nuestr[oa]s?|mon|ma|mes|notre|meine?[mnrs]?|unser\w{0,2}|ich|mi[oae]i?|nostr[oaie]"
    r"|mijn|onze?|ik|minhas?|meus?|eu|yo|je)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a part of a text resembles instructions, and the rule with the highest weight."""

    start: int
    end: int
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """The reaction to an attack at one stage; ``flag`` only records it.

    A finding needs a rule score of ``threshold``, or a classifier score of ``classifier_threshold``.
    Below ``cleared`` the classifier clears a text, and only `SURE` rules make a finding; below
    ``overruled`` only `CERTAIN` ones. If no rule has any score, the classifier must reach ``alone``, if that
    is higher.
    """

    action: Literal["block", "flag"]
    threshold: float
    classifier_threshold: float = 0.5
    cleared: float = 0.0
    overruled: float = 0.0
    alone: float = 0.0


class InjectionCheck(Check):
    """Rules find known attacks and name them; the classifier finds similar ones.

    The classifier must be `SURE` to refuse users who retract their own words and ask about their own
    affairs, and, if no rule has any score, users who ask for their money or for a person, however rude.
    """

    name = "injection"

    def __init__(
        self, reactions: Mapping[Stage, Reaction], classifier: Classifier | None = None
    ) -> None:
        self._reactions = dict(reactions)
        self._classifier = classifier
        self.waits = classifier is not None and classifier.waits

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        reaction = self._reactions.get(stage)
        if reaction is None:
            return Scan(safe_upto=len(text))
        read = text
        if stage == "input":
            unquoted = without_reports(text)
            read = without_retractions(unquoted)
            if read != unquoted and _FIRST_PERSON.search(read) and not _is_doubtful(read):
                reaction = replace(
                    reaction, classifier_threshold=max(SURE, reaction.classifier_threshold)
                )
        found = [s for s in suspicions(read, reaction.threshold) if s.score >= reaction.threshold]
        if self._classifier:
            found = await _combined(found, read, self._classifier, reaction, data=stage != "input")
        findings = tuple(_finding(text, suspicion, reaction) for suspicion in found)
        return Scan(findings=findings, safe_upto=len(text) if final else 0)


async def _combined(
    found: list[Suspicion],
    text: str,
    classifier: Classifier,
    reaction: Reaction,
    *,
    data: bool,
) -> list[Suspicion]:
    """The rule findings that the classifier does not clear, and the classifier's findings."""
    sure = [suspicion for suspicion in found if suspicion.score >= SURE]
    if sure and reaction.action == "block" and not reaction.overruled:
        return sure
    resembling = [suspicion async for suspicion in resemblances(text, classifier, data=data)]
    if resembling and not _UNKNOWN_LETTERS[data].search(text):
        most = max(each.score for each in resembling)
        if most < reaction.overruled:
            found = [suspicion for suspicion in found if suspicion.score == CERTAIN]
        elif most < reaction.cleared:
            found = sure
    alike = [each for each in resembling if each.score >= reaction.classifier_threshold]
    if alike and reaction.alone and not _is_doubtful(text):
        alone = max(SURE, reaction.alone) if is_service_request(text) else reaction.alone
        alike = alike if max(each.score for each in alike) >= alone else []
    return found + alike


def _is_doubtful(text: str) -> bool:
    return any(suspicion.score for suspicion in suspicions(text))


def _finding(text: str, found: Suspicion, reaction: Reaction) -> Finding:
    return Finding(
        start=found.start,
        end=found.end,
        rule=found.rule,
        score=round(found.score, 3),
        replacement=text[found.start : found.end] if reaction.action == "flag" else None,
    )


def suspicions(text: str, floor: float = 0.0) -> Iterator[Suspicion]:
    """The rule scores of each window of the text, and of encoded text in it.

    A window that cannot reach ``floor`` may get 0.
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


async def resemblances(
    text: str, classifier: Classifier, *, data: bool
) -> AsyncIterator[Suspicion]:
    """The classifier's scores of each window, and of encoded text in it.

    Texts shorter than `SHORTEST` characters, or `SHORTEST_DATA` for data, are skipped.
    """
    read: list[tuple[int, int, str]] = []
    coded = False
    for start, end in windows(text):
        window = text[start:end]
        readings_of = list(readings(window, rules.WORDS))
        read += [(start, end, reading.text) for reading in readings_of]
        coded = coded or may_hide(window, readings_of[0])
    read += [
        (0, len(text), reading.text)
        for found in (decoded(text) if coded else ())
        for start, end in windows(found)
        for reading in readings(found[start:end], rules.WORDS)
    ]
    least = SHORTEST_DATA if data else SHORTEST
    read = [(start, end, part) for start, end, part in read if extent(part) >= least]
    scores = await classifier.async_score([reading for _, _, reading in read], data=data)
    for (start, end, _), score in zip(read, scores, strict=True):
        yield Suspicion(start, end, score, "classifier")
