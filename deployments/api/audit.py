"""``GET /v1/audit``: the audit log of a tenant, in order."""

from typing import Literal

from pydantic import BaseModel, Field

from deployments.api.call import Call, Reply, reply
from genai.access.principal import Role

AUDITORS: tuple[Role, ...] = ("auditor",)
LIMIT, MOST, LAST = 100, 1000, 10**9


class AuditEntry(BaseModel):
    """A decision. `digest` covers its content and `previous`, the digest of the entry before."""

    number: int
    at: float
    action: str
    actor: str = Field(description="The id of the key with which it was done.")
    target: str
    reason: str
    request_id: str
    count: int = Field(description="So many equal decisions in a row.")
    previous: str
    digest: str


class AuditHead(BaseModel):
    number: int
    digest: str


class AuditPage(BaseModel):
    """Entries with numbers above `after`. `head` is the newest entry: keep it to detect truncation
    later.
    """

    object: Literal["list"] = "list"
    data: tuple[AuditEntry, ...]
    head: AuditHead


async def read_audit(call: Call, body: None) -> Reply:
    """The tenant's audit log: refusals, keys, budgets, erasures. `genai audit verify` checks its
    integrity.
    """
    after = call.query_number("after", 0, most=LAST, least=0)
    limit = call.query_number("limit", LIMIT, most=MOST)
    entries, head = await call.services.administration.async_audit(
        call.principal, after=after, limit=limit
    )
    data = [
        {
            "number": entry.number,
            "at": entry.at,
            **vars(entry.decision),
            "previous": entry.previous,
            "digest": entry.digest,
        }
        for entry in entries
    ]
    return reply({"object": "list", "data": data, "head": vars(head)})
