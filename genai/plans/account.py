"""Accounting of a plan: the usage of its parts, and how a budget is shared among parallel ones."""

from collections.abc import Callable, Sequence

from genai.messages import RequestContext, Usage


class Account:
    """The usage of one part. ``usage`` includes the parts below it.

    ``changed`` is called after each increase.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._own = Usage()
        self._parts: list[Account] = []

    def part(self) -> "Account":
        """The account of a part below this one."""
        self._parts.append(Account(self._changed))
        return self._parts[-1]

    def stands_at(self, usage: Usage) -> None:
        """Sets the usage of this part itself."""
        if usage != self._own:
            self._own = usage
            self._changed()

    @property
    def own(self) -> Usage:
        return self._own

    @property
    def usage(self) -> Usage:
        return sum((part.usage for part in self._parts), self._own)

    @property
    def cost(self) -> int:
        """The cost in millionths of a dollar."""
        return self._own.cost_micro_usd + sum(part.cost for part in self._parts)


class Pool:
    """Divides the budget of ``context`` among parts that run at the same time.

    Each gets a share by weight when it starts; what it does not spend goes to those that start later.
    If all weights are zero, no part costs money, and the budget is not divided.
    """

    def __init__(self, context: RequestContext, weights: Sequence[int]) -> None:
        self._context = context
        self._weights = weights
        self._to_begin = sum(weights)
        self._left = context.allowance_micro_usd or 0
        self._lent: dict[int, int] = {}

    def lend(self, part: int) -> RequestContext:
        """The context of the part, with its share as the allowance."""
        if self._context.allowance_micro_usd is None or not sum(self._weights):
            return self._context
        weight = self._weights[part]
        share = self._left * weight // self._to_begin if weight else 0
        self._to_begin -= weight
        self._left -= share
        self._lent[part] = share
        return self._context.model_copy(update={"allowance_micro_usd": share})

    def take_back(self, part: int, spent: int) -> None:
        self._left += max(0, self._lent.get(part, 0) - spent)
