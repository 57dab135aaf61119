"""Lets requests in and charges them when they are over: limits before, usage after.

Before and after, everything that has to be asked or written travels in one round trip to Redis.
"""

from genai.access.limits import Limiter, LimitState
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
        model: str,
    ) -> None:
        self._limit = limit
        self._ledger = ledger
        self._principal = principal
        self._model = model

    @property
    def state(self) -> LimitState:
        return self._limit.state

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """``x-ratelimit-...`` and their values."""
        return self._limit.state.headers

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge what was used and free the rest. None when nobody knows: charges the estimate.

        Does not wait for Redis; survives an outage of it. A second time does nothing.
        """
        if self._limit.settled:
            return
        self._limit.settle(usage.total_tokens if usage else None)
        charged = usage or Usage(prompt_tokens=self._limit.estimated)
        self._ledger.post(self._principal, self._model, charged)


class Admission:
    def __init__(self, limiter: Limiter, ledger: UsageLedger) -> None:
        self._limiter = limiter
        self._ledger = ledger

    async def async_admit(
        self, principal: Principal, *, request_id: str, model: str, tokens: int
    ) -> Permit:
        """Let a request in that may take up to ``tokens``. Raises like `Limiter.async_acquire`."""
        permit = await self._limiter.async_acquire(principal, tokens)
        return Permit(permit, self._ledger, principal, model)
