"""Settings of access control: limits, overload, budgets, audit log, HTTP."""

from typing import Literal

from pydantic import Field

from genai.section import Section


class Allowance(Section):
    """Limits of one key, user or tenant. A minute is a sliding window of 60 seconds."""

    requests_per_minute: int = Field(default=600, ge=1)
    tokens_per_minute: int = Field(default=200_000, ge=1)
    concurrent_requests: int = Field(default=64, ge=1)


class LimitSettings(Allowance):
    """The limits of API keys that have none of their own, and of users and tenants.

    ``on_store_failure`` applies while Redis does not answer: refuse all requests, or let each process
    admit ``local_share`` of the limits on its own, for at most ``local_for_s``.

    A request whose process died counts as running for ``lease_s``.
    """

    per_user: Allowance | None = None
    per_tenant: Allowance | None = None
    lease_s: float = Field(default=150.0, gt=0)
    on_store_failure: Literal["refuse", "allow_locally"] = "refuse"
    local_share: float = Field(default=0.25, gt=0, le=1)
    local_for_s: float = Field(default=30.0, gt=0)


class OverloadSettings(Section):
    """Concurrent model requests per ingress replica.

    At most ``running`` run and ``waiting`` wait; beyond that, requests get 503 at once. Waiting
    requests are served fairly by tenant, within it by user and by key, fewest tokens first.

    The limit adapts: while answers take longer with more concurrency, it falls below ``running``, and
    ``waiting`` with it. ``least`` requests always run, except for some seconds after a refusal.
    """

    running: int = Field(default=128, ge=1)
    waiting: int = Field(default=64, ge=0)
    least: int = Field(default=44, ge=1)


class Spendable(Section):
    """Budgets in dollars. Days and months are in UTC."""

    usd_per_day: float | None = Field(default=None, ge=0)
    usd_per_month: float | None = Field(default=None, ge=0)


class BudgetSettings(Section):
    """The budgets of keys, users, tenants and sessions that have none of their own.

    ``usd_per_run`` limits a single request, including all model calls of an agent.

    ``unsettled``: the reservation of a process that died is charged, because the provider may have
    billed it, until `genai budgets reconcile` corrects it; or it is released, which may overspend.
    """

    per_key: Spendable | None = None
    per_user: Spendable | None = None
    per_tenant: Spendable | None = None
    per_session: Spendable | None = None
    usd_per_run: float | None = Field(default=None, gt=0)
    unsettled: Literal["charge", "release"] = "charge"


class AuditSettings(Section):
    """``key_env`` names the variable with the secret that seals the audit log.

    Without one, changes are detected unless somebody rewrote the whole log.
    """

    key_env: str = "AUDIT_KEY"


class HTTPSettings(Section):
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    max_document_bytes: int = Field(default=10_000_000, ge=1_000)
    max_input_chars: int = Field(default=32_000, ge=1)
    max_timeout_s: float = Field(default=120.0, gt=0)
    default_timeout_s: float = Field(default=60.0, gt=0)
