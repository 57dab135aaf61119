"""Charges each attempt of a run to the key that asked, under its limits, like a new request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from genai.access.admission import Admission, Permit
from genai.access.demand import Demand
from genai.access.fairness import FairQueue
from genai.access.principal import Principal
from genai.access.quotes import Quotes
from genai.base.prompt import estimate_tokens
from genai.llms.spending import Spending
from genai.llms.spent import spent_by, was_cut_off
from genai.messages import Question, Usage
from genai.meter import Meter


class Slot(Protocol):
    def release(self, tokens: int | None) -> None: ...


class Owners(Protocol):
    async def async_owner(self, key_id: str) -> Principal:
        """Raises `Unauthenticated` when the key is no longer valid."""
        ...


@dataclass(slots=True)
class Charge:
    """Permission to work on a question for a while. Must be settled, however the work ended."""

    question: Question
    meter: Meter
    permit: Permit
    slot: Slot
    prompt_tokens: int

    async def async_settle(self, usage: Usage | None = None) -> None:
        """``usage`` is the answer's; without it, the meter's reading is charged."""
        most = self.question.sampling.max_tokens
        used = self.meter.reading(self.prompt_tokens, most) if usage is None else usage
        self.slot.release(used.total_tokens)
        await self.permit.async_settle(used)

    async def async_settle_failed(self, error: BaseException, counted: Spending) -> None:
        """Settle with the usage that the error carries; if it was cut off, that of the calls until then."""
        cut_off = was_cut_off(error) and counted.calls
        await self.async_settle(counted.total if cut_off else spent_by(error))


class Charges:
    """``within_s`` is the longest time of an attempt."""

    def __init__(
        self,
        owners: Owners,
        admission: Admission,
        queue: FairQueue,
        quotes: Quotes,
        *,
        within_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._owners = owners
        self._admission = admission
        self._queue = queue
        self._quotes = quotes
        self._within_s = within_s
        self._clock = clock

    async def async_admit(self, question: Question) -> Charge:
        """Raises `Unauthenticated`, `RateLimited`, `BudgetExceeded` and `Overloaded`."""
        context = question.context
        owner = await self._owners.async_owner(context.key_id)
        demand, prompt_tokens = self._demand(question)
        slot = await self._queue.async_enter(owner.flow, demand.tokens)
        try:
            permit = await self._admission.async_admit(owner, demand, request_id=context.request_id)
        except BaseException:
            slot.release(None)
            raise
        renewed = context.model_copy(
            update={
                "deadline": self._clock() + self._within_s,
                "roles": owner.roles,
                "allowance_micro_usd": permit.allowance_micro_usd,
            }
        )
        asked = question.model_copy(update={"context": renewed})
        return Charge(asked, Meter(), permit, slot, prompt_tokens)

    def _demand(self, question: Question) -> tuple[Demand, int]:
        prompt_tokens = estimate_tokens(question.text)
        most = question.sampling.max_tokens
        size = len(question.text.encode())
        micro_usd = self._quotes.of_question(
            question.route, size, most, self._within_s, question.plan
        )
        demand = Demand("assistant", prompt_tokens + most, micro_usd, question.session_id)
        return demand, prompt_tokens
