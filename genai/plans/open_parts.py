"""Names the parts of a compound question that were not answered.

Otherwise a reader would take *There are 227 blocked cards.* for the answer to everything asked.
"""

import re
from collections.abc import Sequence

from genai.language.openings import orders
from genai.plans.outcome import Outcome

UNSURE = "I don't know for certain."
"""Precedes the answer when every part is uncertain."""

OPEN = "\u201c{part}\u201d \u2013 {said}"
NOBODY = "this could not be answered now."
NOT_DONE = "this was not done."
SAME = "the same as said before."

_CITED = re.compile(r"([^\[\]]+)(?:\[(\d{1,3})\])?")


def named(parts: Sequence[str], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes; those that found nothing name their part. One text if none found anything."""
    if len({outcome.text.strip() for outcome in outcomes}) == 1 and not any(map(answers, outcomes)):
        first, *others = outcomes
        return [first, *(other.model_copy(update={"text": ""}) for other in others)]
    told = [
        _told(part, outcome) if _answers_surely(outcome) else _open(part, outcome)
        for part, outcome in zip(parts, outcomes, strict=True)
    ]
    if not any(map(_answers_surely, outcomes)):
        first, *others = told
        told = [first.model_copy(update={"text": f"{UNSURE}\n\n{first.text}"}), *others]
    return _once(parts, told)


def answers(outcome: Outcome) -> bool:
    """Whether the part has a result, or an action that waits for approval."""
    return outcome.found or outcome.approval is not None


def _answers_surely(outcome: Outcome) -> bool:
    return answers(outcome) and outcome.certainty != "uncertain"


def _open(part: str, outcome: Outcome) -> Outcome:
    text = OPEN.format(part=part, said=outcome.text.strip() or NOBODY)
    return outcome.model_copy(update={"text": text})


def _told(part: str, outcome: Outcome) -> Outcome:
    """For an order with results from documents only: says that it was not carried out."""
    if not orders(part) or outcome.steps or outcome.approval is not None:
        return outcome
    text = OPEN.format(part=part, said=f"{NOT_DONE} {outcome.text.strip()}")
    return outcome.model_copy(update={"text": text})


def _once(parts: Sequence[str], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Replaces an outcome that only repeats sentences of earlier ones by a short note."""
    said: set[str] = set()
    kept: list[Outcome] = []
    for part, outcome in zip(parts, outcomes, strict=True):
        sentences = _sentences(outcome)
        again = bool(outcome.citations) and sentences <= said and outcome.approval is None
        same = {"text": OPEN.format(part=part, said=SAME), "citations": ()}
        kept.append(outcome.model_copy(update=same) if again else outcome)
        said |= sentences
    return kept


def _sentences(outcome: Outcome) -> set[str]:
    """The sentences, with the quotes they cite instead of the citation numbers."""
    quotes = [f"{one.document_id}: {one.quote}" for one in outcome.citations]
    return {
        f"{sentence.strip()} {quotes[int(number) - 1] if number and int(number) <= len(quotes) else ''}"
        for sentence, number in _CITED.findall(outcome.text.strip())
        if sentence.strip()
    }
