"""Admits requests under limits and budgets, and charges their usage afterwards.

Admission takes one round trip to Redis, and so does the charge.
"""

from genai.access.billing import bills_of
from genai.access.demand import Demand
from genai.access.limits import Limiter, LimitHeaders, LimitState
from genai.access.limits import Permit as LimitPermit
from genai.access.principal import Principal
from genai.access.usage import UsageLedger
from genai.messages import Usage


class Permit:
    """Permission to run one request. Must be settled, however the request ended."""

    def __init__(
        self,
        limit: LimitPermit,
        ledger: UsageLedger,
        principal: Principal,
        demand: Demand,
        request_id: str,
    ) -> None:
        self._limit = limit
        self._ledger = ledger
        self._principal = principal
        self._demand = demand
        self._request_id = request_id

    @property
    def id(self) -> str:
        """The id for `Admission.release`."""
        return self._limit.id

    @property
    def state(self) -> LimitState:
        return self._limit.state

    @property
    def headers(self) -> LimitHeaders:
        """``x-ratelimit-...`` and their values."""
        return self._limit.state.headers

    @property
    def allowance_micro_usd(self) -> int | None:
        """The maximum cost of the request; None if no budget applies."""
        return self._demand.micro_usd if self._limit.has_budget else None

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge ``usage`` and free the rest of the reservation; without ``usage``, charge all of it.

        Does not wait for Redis, and survives an outage of it. A second call does nothing.
        """
        if self._limit.settled:
            return
        demand = self._demand
        if not demand.model:
            self._limit.settle(0)
            return
        charged = usage or Usage(prompt_tokens=demand.tokens, cost_micro_usd=demand.micro_usd)
        bills = bills_of(demand.model, charged)
        self._limit.settle(charged.total_tokens, bills)
        if not self._limit.reserved:
            self._ledger.post(self._principal, bills, self._request_id)


class Admission:
    def __init__(self, limiter: Limiter, ledger: UsageLedger) -> None:
        self._limiter = limiter
        self._ledger = ledger

    async def async_admit(self, principal: Principal, demand: Demand, *, request_id: str) -> Permit:
        """Admit a request. Raises like `Limiter.async_acquire`."""
        permit = await self._limiter.async_acquire(principal, demand, request_id)
        return Permit(permit, self._ledger, principal, demand, request_id)

    def release(self, principal: Principal, permit: str) -> None:
        """Free the reservation of a dead process for the same request."""
        self._limiter.release(principal.tenant, permit)
