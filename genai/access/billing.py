"""Splits usage into one bill for each model."""

from collections.abc import Iterator, Sequence

from genai.memory.wire import Word
from genai.messages import Bill, Usage


def bills_of(requested: str, usage: Usage) -> tuple[Bill, ...]:
    """The bills of ``usage``, plus one for the requested model with the usage that they do not cover."""
    prompt = usage.prompt_tokens - sum(bill.prompt_tokens for bill in usage.bills)
    completion = usage.completion_tokens - sum(bill.completion_tokens for bill in usage.bills)
    cost = usage.cost_micro_usd - sum(bill.cost_micro_usd for bill in usage.bills)
    if usage.bills and not (prompt > 0 or completion > 0 or cost > 0):
        return usage.bills
    rest = Bill(
        model=requested,
        prompt_tokens=max(0, prompt),
        completion_tokens=max(0, completion),
        cost_micro_usd=max(0, cost),
    )
    return (*usage.bills, rest)


def bill_words(bills: Sequence[Bill]) -> Iterator[Word]:
    """Bills as arguments of the Redis scripts, five for each."""
    for bill in bills:
        yield from (
            bill.model,
            bill.prompt_tokens,
            bill.cached_tokens,
            bill.completion_tokens,
            bill.cost_micro_usd,
        )
