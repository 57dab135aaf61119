"""``/v1/sessions/{session_id}``: the stored turns of a session."""

import asyncio
import sys

from pydantic import BaseModel

from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import Deleted
from genai.errors import NotFound
from genai.messages import Turn
from genai.safety.placeholders import restored


class Session(BaseModel):
    """The stored turns, oldest first."""

    id: str
    turns: tuple[Turn, ...]


async def get_session(call: Call, body: None) -> Reply:
    """The turns of one of the caller's own sessions."""
    session_id = call.identifier("session_id")
    principal = call.principal
    turns, private = await asyncio.gather(
        call.services.memory.async_retrieve(
            principal.tenant, principal.user, session_id, max_tokens=sys.maxsize
        ),
        call.services.vault.async_known(principal.tenant, principal.user, session_id),
    )
    if not turns:
        raise NotFound("no such session")
    shown = [vars(turn) | {"content": restored(turn.content, private)} for turn in turns]
    return reply({"id": session_id, "turns": shown})


async def delete_session(call: Call, body: None) -> Reply:
    """Delete one of the caller's own sessions."""
    session_id = call.identifier("session_id")
    principal = call.principal
    memory = call.services.memory
    if not await memory.async_delete(principal.tenant, principal.user, session_id):
        raise NotFound("no such session")
    return reply(Deleted(id=session_id).model_dump())
