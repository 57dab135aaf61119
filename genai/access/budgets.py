"""Sets and shows budgets, and reconciles the reservations of processes that died.

Reserving and settling is done at admission (`limits`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from genai.access.billing import bill_words
from genai.access.money_scripts import RECONCILE, STATUS, UNSETTLED
from genai.access.principal import Budget
from genai.errors import InvalidInput
from genai.memory.names import checked, key_of
from genai.memory.pages import entries, texts
from genai.memory.store import Command, Store
from genai.memory.wire import Word
from genai.messages import Bill, Value
from genai.money import micro_usd
from genai.settings.access import BudgetSettings, Spendable

Scope = Literal["tenant", "user", "key", "session"]


class BudgetStatus(Value):
    """A budget and its use, in micro-dollars. None means no limit.

    Held amounts are reservations of running requests; spent plus held never exceeds a limit.
    """

    scope: str
    day: str
    limit_day: int | None
    limit_month: int | None
    spent_day: int
    held_day: int
    spent_month: int
    held_month: int


class LedgerEntry(Value):
    """One entry of the ledger. ``kind`` is ``use``, ``expired`` or ``returned``.

    ``cost`` is in micro-dollars; ``prompt``, ``cached`` (a part of it) and ``completion`` are tokens.
    """

    id: str
    kind: str
    request: str
    key: str
    user: str
    model: str
    prompt: int
    cached: int
    completion: int
    cost: int


class Unsettled(Value):
    """A request whose process died, with the provisional charge for it."""

    permit: str
    request_id: str
    key_id: str
    user: str
    day: str
    charged_micro_usd: int


@dataclass(frozen=True, slots=True)
class _Defaults:
    day: int | None
    month: int | None


class Budgets:
    """The budgets of all tenants. Raises `BackendFailed`. ``now_us`` replaces the clock of Redis in tests."""

    def __init__(
        self, store: Store, settings: BudgetSettings, *, now_us: Callable[[], int] = lambda: 0
    ) -> None:
        self._store = store
        self._settings = settings
        self._now_us = now_us
        self._charge = int(settings.unsettled == "charge")

    async def async_set(self, tenant: str, scope: Scope, name: str, budget: Budget) -> None:
        """Set the budget of a scope; None means: as in the settings.

        Applies from the next request on, in every process.
        """
        place, field = key_of(checked(tenant, "tenant"), "budgets"), _field(scope, name)
        for period in ("day", "month"):
            amount = getattr(budget, f"micro_usd_per_{period}")
            words: tuple[Word, ...] = ("HDEL", place, f"{field}|{period}")
            if amount is not None:
                words = ("HSET", place, f"{field}|{period}", amount)
            await self._store.run(Command(words, int))

    async def async_status(
        self, tenant: str, scope: Scope, name: str = "", *, key_budget: Budget | None = None
    ) -> BudgetStatus:
        """The status of a scope. ``key_budget`` is the budget in the record of a key."""
        field, place = _field(scope, name), key_of(checked(tenant, "tenant"), "held")
        command = STATUS([place], (self._charge, self._now_us(), field), tuple)
        day, (row,) = await self._store.run(command)
        default = _defaults(self._settings, scope, key_budget)
        of_day, of_month, *sums = (None if word is None else int(word) for word in row)
        spent_day, held_day, spent_month, held_month = (number or 0 for number in sums)
        return BudgetStatus(
            scope=field,
            day=day.decode(),
            limit_day=default.day if of_day is None else of_day,
            limit_month=default.month if of_month is None else of_month,
            spent_day=spent_day,
            held_day=held_day,
            spent_month=spent_month,
            held_month=held_month,
        )

    async def async_unsettled(self, tenant: str) -> tuple[Unsettled, ...]:
        """The unsettled requests of dead processes, in the whole tenant."""
        place = key_of(checked(tenant, "tenant"), "held")
        return await self._store.run(UNSETTLED([place], (self._charge, self._now_us()), _unsettled))

    async def async_reconcile(self, tenant: str, permit: str, bills: Sequence[Bill]) -> bool:
        """Replace the provisional charge of an unsettled request by what the provider billed.

        Returns whether it was still unsettled; a second call changes nothing.
        """
        place = key_of(checked(tenant, "tenant"), "held")
        return await self._store.run(RECONCILE([place], (permit, *bill_words(bills)), bool))

    async def async_entries(self, tenant: str, month: str) -> tuple[LedgerEntry, ...]:
        """The ledger of a month (``2026-11``), oldest first."""
        place = key_of(checked(tenant, "tenant"), "ledger", month)
        return tuple(
            [
                LedgerEntry.model_validate({"id": entry_id, **texts(fields)})
                async for entry_id, fields in entries(self._store, place)
            ]
        )


def _field(scope: Scope, name: str) -> str:
    if scope == "tenant":
        return "tenant"
    if scope not in ("user", "key", "session"):
        raise InvalidInput("a budget belongs to a tenant, user, key or session", "scope")
    return f"{scope}|{checked(name, scope)}"


def _defaults(settings: BudgetSettings, scope: Scope, key_budget: Budget | None) -> _Defaults:
    if key_budget is not None and key_budget != Budget():
        return _Defaults(key_budget.micro_usd_per_day, key_budget.micro_usd_per_month)
    spendable: Spendable = getattr(settings, f"per_{scope}") or Spendable()
    return _Defaults(micro_usd(spendable.usd_per_day), micro_usd(spendable.usd_per_month))


def _unsettled(reply: list[bytes]) -> tuple[Unsettled, ...]:
    found = []
    for permit, line in zip(reply[::2], reply[1::2], strict=True):
        charged, _, day, request_id, key_id, user, _, _ = line.decode().split(" ")
        found.append(
            Unsettled(
                permit=permit.decode(),
                request_id=request_id,
                key_id=key_id,
                user=user,
                day=day,
                charged_micro_usd=int(charged),
            )
        )
    return tuple(found)
