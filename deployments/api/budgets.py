"""``/v1/budgets``: budgets and what was spent of them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from deployments.api.call import Call, Reply, reply
from deployments.api.keys import BudgetAmounts, Dollars
from deployments.api.schemas import TimedBody
from genai.access.budgets import BudgetStatus
from genai.errors import InvalidInput
from genai.memory.names import checked
from genai.money import usd

BudgetScope = Literal["tenant", "user", "key"]


class BudgetBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"scope": "user", "name": "ada", "usd_per_day": 2.5, "usd_per_month": 40.0}
            ]
        }
    )

    scope: BudgetScope
    name: str = Field(description="The user, the id of the key, or the tenant itself.")
    usd_per_day: Dollars = None
    usd_per_month: Dollars = None


class Period(BaseModel):
    limit_usd: float | None
    spent_usd: float
    held_usd: float = Field(description="Set aside for requests that run.")


class BudgetState(BaseModel):
    """The state of a budget today and this month, in UTC."""

    scope: BudgetScope
    name: str
    day: Period
    month: Period


async def set_budget(call: Call, body: BudgetBody) -> Reply:
    """Set the budget of a tenant, user or key. Without amounts, the configured default applies again."""
    amounts = BudgetAmounts(usd_per_day=body.usd_per_day, usd_per_month=body.usd_per_month)
    status = await call.services.administration.async_set_budget(
        call.principal, body.scope, checked(body.name, "name"), amounts.budget()
    )
    return reply(_state(body.scope, body.name, status))


async def get_budget(call: Call, body: None) -> Reply:
    """The state of a budget. Others' budgets need a role that may see them."""
    scope, name = call.path["scope"], call.identifier("name")
    if scope not in ("tenant", "user", "key"):
        raise InvalidInput("scope must be tenant, user or key", "scope")
    administration = call.services.administration
    status = await administration.async_budget(call.principal, scope, name)  # type: ignore[arg-type]
    return reply(_state(scope, name, status))


def _state(scope: str, name: str, status: BudgetStatus) -> dict[str, Any]:
    return {
        "scope": scope,
        "name": name,
        "day": _period(status.limit_day, status.spent_day, status.held_day),
        "month": _period(status.limit_month, status.spent_month, status.held_month),
    }


def _period(limit: int | None, spent: int, held: int) -> dict[str, float | None]:
    return {
        "limit_usd": usd(limit),
        "spent_usd": usd(spent),
        "held_usd": usd(held),
    }
