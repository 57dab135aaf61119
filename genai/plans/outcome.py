"""The result of a plan's node, and how several results are combined."""

import re
from collections.abc import Iterable, Sequence

from genai.errors import GenAIError
from genai.messages import (
    ApprovalRequest,
    Certainty,
    Citation,
    Decision,
    Draft,
    FinishReason,
    Step,
    Value,
)

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")


class Outcome(Value):
    """The result of a node. With an ``approval`` it is not done, but waits for a person. ``failed`` is
    the code of the error after which the plan continued without the node.

    A marker such as ``[2]`` in the text refers to the second of the ``citations``.
    """

    text: str = ""
    model: str = ""
    certainty: Certainty | None = None
    citations: tuple[Citation, ...] = ()
    steps: tuple[Step, ...] = ()
    safety: tuple[Decision, ...] = ()
    finish_reason: FinishReason = "stop"
    timings_ms: dict[str, float] = {}
    degraded: str | None = None
    approval: ApprovalRequest | None = None
    failed: str = ""

    @property
    def found(self) -> bool:
        """Whether it has citations or tool results."""
        return bool(self.steps or self.citations)


def of_draft(draft: Draft) -> Outcome:
    return Outcome(
        text=draft.text,
        model=draft.model,
        certainty=draft.certainty,
        citations=draft.citations,
        steps=draft.steps,
        safety=draft.safety,
        finish_reason=draft.finish_reason,
        timings_ms=draft.timings_ms,
        degraded=draft.degraded,
        approval=draft.approval,
    )


def skipped(name: str, error: GenAIError) -> Outcome:
    return Outcome(failed=error.code, degraded=f"{name}: {error.code}")


def timed(outcome: Outcome, step: str, ms: float) -> Outcome:
    timings = _longest((outcome.timings_ms, {step: round(ms, 3)}))
    return outcome.model_copy(update={"timings_ms": timings})


def waiting(outcomes: Sequence[Outcome], approval: ApprovalRequest) -> Outcome:
    """The combined outcome while one of them waits for an approval."""
    asked = next(each for each in outcomes if each.approval == approval)
    kept = {"text": asked.text, "approval": approval, "finish_reason": "approval"}
    return _together(outcomes).model_copy(update=kept)


def waiting_among(outcomes: Sequence[Outcome], approval: ApprovalRequest) -> Outcome:
    """The combined outcome of parallel nodes while one waits: the texts that are known already are
    included.
    """
    return waiting(outcomes, approval).model_copy(update={"text": joined(outcomes).text})


def last_of(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a sequence: the text of the last node with one, whose citations come first."""
    said = [each for each in outcomes if each.text]
    last = said[-1] if said else outcomes[-1]
    citations = (
        *last.citations,
        *(c for each in outcomes if each is not last for c in each.citations),
    )
    spoken = {
        "text": last.text,
        "model": last.model,
        "certainty": last.certainty,
        "citations": citations,
        "finish_reason": last.finish_reason,
    }
    return _together(outcomes).model_copy(update=spoken)


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Joins all texts in order."""
    text = "\n\n".join(filter(None, texts_of(outcomes)))
    return _together(outcomes).model_copy(update={"text": text})


def texts_of(outcomes: Sequence[Outcome]) -> list[str]:
    """The texts, with markers renumbered for the citations of all."""
    texts: list[str] = []
    before = 0
    for outcome in outcomes:
        texts.append(_renumbered(outcome.text.strip(), len(outcome.citations), before))
        before += len(outcome.citations)
    return texts


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    models = dict.fromkeys(each.model for each in outcomes if each.text and each.model)
    cut = any(each.finish_reason == "length" for each in outcomes)
    degraded = dict.fromkeys(each.degraded for each in outcomes if each.degraded)
    everywhere_failed = outcomes and all(each.failed for each in outcomes)
    return Outcome(
        model=", ".join(models),
        certainty=_of_all(outcomes),
        citations=tuple(citation for each in outcomes for citation in each.citations),
        steps=tuple(step for each in outcomes for step in each.steps),
        safety=tuple(decision for each in outcomes for decision in each.safety),
        finish_reason="length" if cut else "stop",
        timings_ms=_longest(each.timings_ms for each in outcomes),
        degraded="; ".join(degraded) or None,
        failed=outcomes[0].failed if everywhere_failed else "",
    )


def _of_all(outcomes: Sequence[Outcome]) -> Certainty | None:
    """The combined certainty: different ones give ``uncertain``. `None` if no documents were searched."""
    told = {each.certainty for each in outcomes if each.certainty is not None}
    if told and any(each.found for each in outcomes if each.certainty is None):
        told.add("certain")
    return "uncertain" if len(told) > 1 else next(iter(told), None)


def _longest(timings: Iterable[dict[str, float]]) -> dict[str, float]:
    longest: dict[str, float] = {}
    for each in timings:
        for step, ms in each.items():
            longest[step] = max(ms, longest.get(step, 0.0))
    return longest


def _renumbered(text: str, known: int, before: int) -> str:
    if not before or not known:
        return text

    def shifted(marker: re.Match[str]) -> str:
        numbers = [int(number) for number in marker[1].split(",")]
        return f"[{', '.join(str(n + before if n <= known else n) for n in numbers)}]"

    return _MARKER.sub(shifted, text)
