"""Checks passages for prompt injection before a model reads them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from genai.messages import Decision, Passage, RequestContext
from genai.safety.base import Guard, Verdict
from genai.safety.worst_decisions import worst_decisions

log = logging.getLogger(__name__)

_READ = ("title", "section", "lead", "text")
"""The fields of a passage that a model reads."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The passages that passed, and the worst decision of each check."""

    passages: tuple[Passage, ...]
    decisions: tuple[Decision, ...]


async def screened(guard: Guard, passages: Sequence[Passage], context: RequestContext) -> Screened:
    """The passages as a model may read them; one that a check blocks is left out.

    Raises `GuardUnavailable` when a check could not run.
    """
    allowed: list[Passage] = []
    decisions: list[Decision] = []
    for passage in passages:
        whole = await guard.async_inspect("\n".join(_parts(passage).values()), "retrieval", context)
        decisions += whole.decisions
        readable = await _readable(guard, passage, whole, context)
        if readable is not None:
            allowed.append(readable)
    return Screened(tuple(allowed), worst_decisions(decisions))


def _parts(passage: Passage) -> dict[str, str]:
    return {name: getattr(passage, name) for name in _READ}


async def _readable(
    guard: Guard, passage: Passage, whole: Verdict, context: RequestContext
) -> Passage | None:
    if whole.action == "block":
        log.warning(
            "passage left out",
            extra={
                "request_id": context.request_id,
                "tenant": context.tenant,
                "document": passage.document_id,
                "rule": whole.rule,
            },
        )
        return None
    if whole.action == "allow":
        return passage
    alone = {
        name: (await guard.async_inspect(part, "retrieval", context)).text
        for name, part in _parts(passage).items()
    }
    return passage.model_copy(update=alone)
