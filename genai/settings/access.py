"""What callers may do: limits, overload, budgets, the audit log, HTTP."""

from typing import Literal

from pydantic import Field

from genai.section import Section


class Allowance(Section):
    """What one key, user or tenant may do. A minute is any 60 seconds, not one of the clock."""

    requests_per_minute: int = Field(default=600, ge=1)
    tokens_per_minute: int = Field(default=200_000, ge=1)
    concurrent_requests: int = Field(default=64, ge=1)


class LimitSettings(Allowance):
    """What one API key may do, unless it has limits of its own; user and tenant count beside it.

    ``on_store_failure`` says what happens while Redis does not answer: refuse everything, or let
    each process admit ``local_share`` of the limits on its own, for at most ``local_for_s``.

    A request that never ended, because its process died, occupies its place for ``lease_s``.
    """

    per_user: Allowance | None = None
    per_tenant: Allowance | None = None
    lease_s: float = Field(default=150.0, gt=0)
    on_store_failure: Literal["refuse", "allow_locally"] = "refuse"
    local_share: float = Field(default=0.25, gt=0, le=1)
    local_for_s: float = Field(default=30.0, gt=0)


class OverloadSettings(Section):
    """How many requests for models one ingress replica works on, and how many may wait for that.

    Beyond this they get 503 at once. The waiting are served by tenant, fewest tokens first.
    ``running`` is the most. A crowd of ``least`` is worked on however long its answers take; beyond it,
    there are fewer places while answers take longer the more of them are worked on. With fewer places,
    as many fewer may wait. Once somebody was refused, this holds for a crowd, too, for some seconds.
    """

    running: int = Field(default=128, ge=1)
    waiting: int = Field(default=64, ge=0)
    least: int = Field(default=44, ge=1)


class Spendable(Section):
    """Dollars that may be spent; days and months are those of UTC."""

    usd_per_day: float | None = Field(default=None, ge=0)
    usd_per_month: float | None = Field(default=None, ge=0)


class BudgetSettings(Section):
    """What may be spent, unless a key, user or tenant was given a budget of its own.

    ``usd_per_run`` bounds a single request, with all calls that an agent makes for it.

    What was held for a process that died is charged, because the provider may have billed it, until
    the truth comes (`genai budgets reconcile`); or it is released, which risks to spend it twice.
    """

    per_key: Spendable | None = None
    per_user: Spendable | None = None
    per_tenant: Spendable | None = None
    per_session: Spendable | None = None
    usd_per_run: float | None = Field(default=None, gt=0)
    unsettled: Literal["charge", "release"] = "charge"


class AuditSettings(Section):
    """``key_env`` names the variable with the secret that seals the audit log.

    Without one, the log still shows what was changed by somebody who did not make it anew.
    """

    key_env: str = "AUDIT_KEY"


class HTTPSettings(Section):
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    max_document_bytes: int = Field(default=10_000_000, ge=1_000)
    max_input_chars: int = Field(default=32_000, ge=1)
    max_timeout_s: float = Field(default=120.0, gt=0)
    default_timeout_s: float = Field(default=60.0, gt=0)
