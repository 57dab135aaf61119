"""``DELETE /v1/subjects/{user}``: erases a person's data."""

from pydantic import BaseModel

from deployments.api.call import Call, Reply, reply
from genai.access.principal import Role

ERASERS: tuple[Role, ...] = ("admin",)


class ErasureReceipt(BaseModel):
    """What was removed where. The audit log records it under `id`, without the name."""

    id: str
    at: float
    removed: dict[str, int]


async def erase_subject(call: Call, body: None) -> Reply:
    """Remove everything that is kept of a user: keys, sessions, replies, feedback, documents, usage.

    Safe to repeat. A request of that user which still runs stores nothing any more.
    """
    user = call.identifier("user")
    receipt = await call.services.administration.async_erase(call.principal, user)
    return reply(receipt.model_dump())
