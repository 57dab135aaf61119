"""Keeps orders that somebody wrote into a document from the model that reads it."""

import logging
from collections.abc import Sequence

from genai.messages import Passage, RequestContext
from genai.safety.base import Guard

log = logging.getLogger(__name__)

_READ = ("title", "section", "lead", "text")
"""What a model reads of a passage."""


async def screened(
    guard: Guard, passages: Sequence[Passage], context: RequestContext
) -> tuple[Passage, ...]:
    """The passages as a model may read them; one that a check blocks is left out.

    Raises `GuardUnavailable` when a check could not run.
    """
    checked = [await _screened(guard, passage, context) for passage in passages]
    return tuple(passage for passage in checked if passage is not None)


async def _screened(guard: Guard, passage: Passage, context: RequestContext) -> Passage | None:
    parts = {name: getattr(passage, name) for name in _READ}
    whole = await guard.async_inspect("\n".join(parts.values()), "retrieval", context)
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
        for name, part in parts.items()
    }
    return passage.model_copy(update=alone)
