"""``GET /v1/usage``: tokens and costs."""

from typing import Literal

from pydantic import BaseModel

from deployments.api.call import Call, Reply, reply
from genai.access.principal import OVERSEERS, Role
from genai.money import usd

MAX_DAYS = 366
DEFAULT_DAYS = 30
READERS: tuple[Role, ...] = ("user", *OVERSEERS)


class UsageOfDay(BaseModel):
    day: str
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost_usd: float


class UsageReport(BaseModel):
    """One row per day (UTC) and model, newest first."""

    object: Literal["list"] = "list"
    data: tuple[UsageOfDay, ...]
    total_cost_usd: float


async def report_usage(call: Call, body: None) -> Reply:
    """Tokens and dollars of the last `days` days, of the key's user unless its role may see all."""
    days = call.query_number("days", DEFAULT_DAYS, most=MAX_DAYS)
    principal = call.principal
    sees_all = set(OVERSEERS) & set(principal.roles)
    found = await call.services.usage.async_report(
        principal, days=days, user=None if sees_all else principal.user
    )
    rows = [row for row in found if row.model]
    data = [
        {
            "day": row.day,
            "model": row.model,
            "requests": row.requests,
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": row.completion_tokens,
            "total_tokens": row.prompt_tokens + row.completion_tokens,
            "cost_usd": usd(row.cost_micro_usd),
        }
        for row in rows
    ]
    total = usd(sum(row.cost_micro_usd for row in rows))
    return reply({"object": "list", "data": data, "total_cost_usd": total})
