"""``/v1/keys``: the API keys of a tenant, for administrators."""

import time
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import ONE_LINE, TimedBody
from genai.access.administration import NewKey
from genai.access.keys import KeyRecord
from genai.access.principal import Budget, KeyLimits, Role
from genai.money import micro_usd

ADMINS: tuple[Role, ...] = ("admin",)
READERS: tuple[Role, ...] = ("admin", "auditor")

Group = Annotated[str, ONE_LINE, Field(min_length=1, max_length=256)]
MOST_GROUPS = Field(max_length=100)
Most = Annotated[int | None, Field(ge=1, le=10**12)]
Dollars = Annotated[float | None, Field(ge=0, le=10**9)]


class LimitsBody(BaseModel):
    """Limits of a key; omitted ones follow the configuration."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    requests_per_minute: Most = None
    tokens_per_minute: Most = None
    concurrent_requests: Most = None


class BudgetAmounts(BaseModel):
    """Dollars per day and month (UTC); omitted ones follow the configuration."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    usd_per_day: Dollars = None
    usd_per_month: Dollars = None

    def budget(self) -> Budget:
        return Budget(
            micro_usd_per_day=micro_usd(self.usd_per_day),
            micro_usd_per_month=micro_usd(self.usd_per_month),
        )


class KeyBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user": "ada"},
                {
                    "user": "reports",
                    "roles": ["user", "operator"],
                    "name": "nightly reports",
                    "limits": {"requests_per_minute": 60},
                    "budget": {"usd_per_day": 5.0},
                    "expires_in_s": 86400,
                },
            ]
        }
    )

    user: str = Field(description="Whose key it is; sessions and usage are this user's.")
    roles: Annotated[list[Role], Field(min_length=1, max_length=len(get_args(Role)))] = ["user"]
    groups: Annotated[list[Group], MOST_GROUPS] = Field(
        default=[], description="Open the documents that are for these groups alone."
    )
    name: Annotated[str, ONE_LINE] = Field(
        default="", max_length=128, description="To tell keys apart."
    )
    limits: LimitsBody = LimitsBody()
    budget: BudgetAmounts = BudgetAmounts()
    expires_in_s: int | None = Field(default=None, ge=1, le=10**10)


class KeyInfo(BaseModel):
    """A key without its secret. Times are Unix time."""

    id: str
    user: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    name: str
    limits: KeyLimits
    budget: Budget
    created: float
    expires: float | None
    revoked: float | None


class CreatedKey(KeyInfo):
    key: str | None = Field(description="The key itself: here, and never again.")


class KeyList(BaseModel):
    object: Literal["list"] = "list"
    data: tuple[KeyInfo, ...]


class RevokedKey(BaseModel):
    id: str
    revoked: Literal[True] = True


async def create_key(call: Call, body: KeyBody) -> Reply:
    """Create a key. It is shown once: a retry with the same `Idempotency-Key` returns all but the key."""
    expires = None if body.expires_in_s is None else time.time() + body.expires_in_s
    wanted = NewKey(
        user=body.user,
        roles=tuple(dict.fromkeys(body.roles)),
        groups=tuple(dict.fromkeys(body.groups)),
        name=body.name,
        limits=KeyLimits(**vars(body.limits)),
        budget=body.budget.budget(),
        expires=expires,
    )
    key, record = await call.services.administration.async_create_key(call.principal, wanted)
    shown = _shown(record)
    return reply({"key": key, **shown}, 201).kept_as({"key": None, **shown})


async def list_keys(call: Call, body: None) -> Reply:
    """All keys of the tenant, including revoked ones, oldest first; never the secrets."""
    records = await call.services.administration.async_list_keys(call.principal)
    return reply({"object": "list", "data": [_shown(record) for record in records]})


async def revoke_key(call: Call, body: None) -> Reply:
    """Revoke a key. It is refused everywhere within seconds."""
    key_id = call.identifier("key_id")
    await call.services.administration.async_revoke_key(call.principal, key_id)
    return reply({"id": key_id, "revoked": True})


def _shown(record: KeyRecord) -> dict[str, Any]:
    principal = record.principal
    return {
        "id": principal.key_id,
        "user": principal.user,
        "roles": principal.roles,
        "groups": principal.groups,
        "name": record.name,
        "limits": vars(principal.limits),
        "budget": vars(principal.budget),
        "created": record.created,
        "expires": record.expires,
        "revoked": record.revoked,
    }
