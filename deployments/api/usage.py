"""``GET /v1/usage``: what the tenant used and what it cost."""

from typing import Literal

from pydantic import BaseModel

from deployments.api.call import Call, Reply, reply

MAX_DAYS = 366
DEFAULT_DAYS = 30


class UsageOfDay(BaseModel):
    day: str
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost_usd: float


class UsageReport(BaseModel):
    """One row a day (UTC) and model, newest first."""

    object: Literal["list"] = "list"
    data: tuple[UsageOfDay, ...]
    total_cost_usd: float


async def report_usage(call: Call, body: None) -> Reply:
    """Tokens and dollars of the last `days` days."""
    days = call.query_number("days", DEFAULT_DAYS, most=MAX_DAYS)
    rows = await call.services.usage.async_report(call.principal, days=days)
    data = [
        {
            "day": row.day,
            "model": row.model,
            "requests": row.requests,
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": row.completion_tokens,
            "total_tokens": row.prompt_tokens + row.completion_tokens,
            "cost_usd": row.cost_micro_usd / 1_000_000,
        }
        for row in rows
    ]
    total = sum(row.cost_micro_usd for row in rows) / 1_000_000
    return reply({"object": "list", "data": data, "total_cost_usd": total})
