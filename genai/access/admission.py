"""Lets requests in and charges them when they are over: limits and budgets before, usage after.

Before and after, everything that has to be asked or written travels in one round trip to Redis.
"""

from genai.access.billing import bills_of
from genai.access.demand import Demand
from genai.access.limits import Limiter, LimitHeaders, LimitState
from genai.access.limits import Permit as LimitPermit
from genai.access.principal import Principal
from genai.access.usage import UsageLedger
from genai.messages import Usage


class Permit:
    """The right to do one request. Must be settled, however the request ended."""

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
        """What `Admission.release` calls it."""
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
        """What the request may spend; None when no budget applies."""
        return self._demand.micro_usd if self._limit.bounded else None

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge what was used and free the rest. None when nobody knows: charges what was held.

        Does not wait for Redis; survives an outage of it. A second time does nothing.
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
        if not self._limit.held:
            self._ledger.post(self._principal, bills, self._request_id)


class Admission:
    def __init__(self, limiter: Limiter, ledger: UsageLedger) -> None:
        self._limiter = limiter
        self._ledger = ledger

    async def async_admit(self, principal: Principal, demand: Demand, *, request_id: str) -> Permit:
        """Let a request in. Raises like `Limiter.async_acquire`."""
        permit = await self._limiter.async_acquire(principal, demand, request_id)
        return Permit(permit, self._ledger, principal, demand, request_id)

    def release(self, principal: Principal, permit: str) -> None:
        """Set free what a process that died had set aside for the same request."""
        self._limiter.release(principal.tenant, permit)
