"""Prices the calls of a model, and keeps them within the allowance of the request."""

import math
import time
from collections.abc import AsyncIterator, Callable

from genai.base.llm import BaseLLM, WrappedLLM
from genai.errors import BudgetExceeded, GenAIError
from genai.llms.bounds import most_tokens_of
from genai.llms.occupancy import Occupancy
from genai.llms.spent import ENDINGS, Ending, set_spent, spent_by, was_cut_off
from genai.llms.streamed_usage import StreamedUsage
from genai.messages import Bill, ChatRequest, Chunk, Completion, Usage
from genai.money import MICRO
from genai.settings.models import Price
from genai.streams import closing


class Tariff:
    """A `Price` in integer arithmetic. Costs are rounded up to a millionth of a dollar."""

    def __init__(self, price: Price) -> None:
        # A dollar per million tokens is a micro-dollar per token; kept in millionths of that.
        self._input = round(price.input * MICRO)
        cached = price.input if price.cached_input is None else price.cached_input
        self._cached = round(cached * MICRO)
        self._output = round(price.output * MICRO)
        self._per_second = price.per_hour * MICRO / 3600
        self.counts_tokens = bool(self._input or self._cached or self._output)

    def cost(self, usage: Usage, occupied_s: float) -> int:
        """Micro-dollars for the tokens and the share of the machine's time."""
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        exact = (usage.prompt_tokens - cached) * self._input
        exact += cached * self._cached + usage.completion_tokens * self._output
        return -(-exact // MICRO) + math.ceil(occupied_s * self._per_second)

    def most(self, prompt_tokens: int, max_tokens: int, within_s: float) -> int:
        """Upper bound of the cost of a call, in micro-dollars."""
        dearest = max(self._input, self._cached)
        exact = prompt_tokens * dearest + max_tokens * self._output
        return -(-exact // MICRO) + math.ceil(within_s * self._per_second)

    def affordable(self, micro_usd: int, prompt_tokens: int, within_s: float) -> float:
        """The number of completion tokens that the money pays for; below 1 means none."""
        left = micro_usd - self.most(prompt_tokens, 0, within_s)
        if left < 0:
            return 0
        return left * MICRO // self._output if self._output else math.inf


class PricedLLM(WrappedLLM):
    """Adds the cost of a call to its `Usage`, also when it fails or the caller disconnects.

    An allowance in the request's context limits the length of the answer. Raises `BudgetExceeded`
    when it does not even pay for the prompt.
    """

    def __init__(
        self, inner: BaseLLM, price: Price, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(inner)
        self._tariff = Tariff(price)
        self._occupancy = Occupancy(clock)

    async def async_chat(self, request: ChatRequest) -> Completion:
        request = self._within_allowance(request)
        with self._occupancy.entered() as share_s:
            try:
                answer = await self._inner.async_chat(request)
            except ENDINGS as error:
                self._attach_cost(error, None, share_s())
                raise
            usage = self._priced(answer.usage, share_s())
        return answer.model_copy(update={"usage": usage})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        request = self._within_allowance(request)
        usage = StreamedUsage(request)
        used: Usage | None = None
        # A caller who leaves before the first token has still had the prompt processed.
        yield Chunk(model=self.name, spent=self._priced(usage.estimate(), 0.0))
        with self._occupancy.entered() as share_s:
            try:
                async with closing(self._inner.async_stream(request)) as chunks:
                    async for chunk in chunks:
                        used = usage.after(chunk)
                        field = "spent" if chunk.usage is None else "usage"
                        yield chunk.model_copy(update={field: self._priced(used, share_s())})
            except GenAIError as error:
                begun = used or (usage.estimate() if was_cut_off(error) else None)
                self._attach_cost(error, begun, share_s())
                raise

    def _within_allowance(self, request: ChatRequest) -> ChatRequest:
        allowance = request.context.allowance_micro_usd
        if allowance is None:
            return request
        prompt, within_s = most_tokens_of(request), request.context.remaining_s()
        tokens = self._tariff.affordable(allowance, prompt, within_s)
        if tokens < 1:
            raise BudgetExceeded("the money that was set aside for this request is used up", 1.0)
        if tokens >= request.sampling.max_tokens:
            return request
        shorter = request.sampling.model_copy(update={"max_tokens": int(tokens)})
        return request.model_copy(update={"sampling": shorter})

    def _attach_cost(self, error: Ending, used: Usage | None, occupied_s: float) -> None:
        """Attach the cost of a failed call to its error. Without any output it is zero; that of a call
        that was cut off is unknown unless the error carries its usage.
        """
        used = spent_by(error) or used
        if used is None and was_cut_off(error) and self._tariff.counts_tokens:
            return
        spent = self._priced(used or Usage(), occupied_s)
        set_spent(error, spent if spent.total_tokens or spent.cost_micro_usd else Usage())

    def _priced(self, usage: Usage, occupied_s: float) -> Usage:
        cost = self._tariff.cost(usage, occupied_s)
        bill = Bill(
            model=self.name,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            cost_micro_usd=cost,
        )
        return usage.model_copy(update={"cost_micro_usd": cost, "bills": (bill,)})
