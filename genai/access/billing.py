"""How usage becomes bills: one for each model that worked."""

from collections.abc import Iterator, Sequence

from genai.memory.wire import Word
from genai.messages import Bill, Usage


def bills_of(asked: str, usage: Usage) -> tuple[Bill, ...]:
    """The bills in ``usage``, and one under the name that was asked for what none of them covers."""
    prompt = usage.prompt_tokens - sum(bill.prompt_tokens for bill in usage.bills)
    completion = usage.completion_tokens - sum(bill.completion_tokens for bill in usage.bills)
    cost = usage.cost_micro_usd - sum(bill.cost_micro_usd for bill in usage.bills)
    if usage.bills and not (prompt > 0 or completion > 0 or cost > 0):
        return usage.bills
    rest = Bill(
        model=asked,
        prompt_tokens=max(0, prompt),
        completion_tokens=max(0, completion),
        cost_micro_usd=max(0, cost),
    )
    return (*usage.bills, rest)


def billed(bills: Sequence[Bill]) -> Iterator[Word]:
    """Bills as the scripts read them."""
    for bill in bills:
        yield from (
            bill.model,
            bill.prompt_tokens,
            bill.cached_tokens,
            bill.completion_tokens,
            bill.cost_micro_usd,
        )
