"""Budgets of money: what may be spent, what is, and what a process that died left open.

Admission reserves and settles (`limits`); here budgets are set, shown and put right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from genai.access.billing import billed
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
    """A budget and what has become of it, in millionths of a dollar. None is no limit.

    What is held belongs to requests that still run; spent and held together never exceed a limit.
    """

    scope: str
    day: str
    limit_day: int | None
    limit_month: int | None
    spent_day: int
    held_day: int
    spent_month: int
    held_month: int


class Entry(Value):
    """One line of the ledger. ``kind`` is ``use``, ``expired`` or ``returned``."""

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
    """A request whose process died: what was charged for it until the truth is known."""

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
    """The budgets of all tenants. Raises `BackendFailed`. ``now_us`` replaces the time of Redis."""

    def __init__(
        self, store: Store, settings: BudgetSettings, *, now_us: Callable[[], int] = lambda: 0
    ) -> None:
        self._store = store
        self._settings = settings
        self._now_us = now_us
        self._charge = int(settings.unsettled == "charge")

    async def async_set(self, tenant: str, scope: Scope, name: str, budget: Budget) -> None:
        """Give a scope a budget of its own; what is None follows the settings again.

        It holds for the next request, in every process.
        """
        place, field = key_of(checked(tenant, "tenant"), "budgets"), _field(scope, name)
        for period in ("day", "month"):
            amount = getattr(budget, f"micro_usd_per_{period}")
            words: tuple[Word, ...] = ("HDEL", place, f"{field}|{period}")
            if amount is not None:
                words = ("HSET", place, f"{field}|{period}", amount)
            await self._store.run(Command(words, int))

    async def async_status(
        self, tenant: str, scope: Scope, name: str = "", *, own: Budget | None = None
    ) -> BudgetStatus:
        """Where a scope stands. ``own`` is the budget that a key was made with."""
        field, place = _field(scope, name), key_of(checked(tenant, "tenant"), "held")
        command = STATUS([place], (self._charge, self._now_us(), field), tuple)
        day, (row,) = await self._store.run(command)
        default = _defaults(self._settings, scope, own)
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
        """What dead processes left open, of the whole tenant."""
        place = key_of(checked(tenant, "tenant"), "held")
        return await self._store.run(UNSETTLED([place], (self._charge, self._now_us()), _unsettled))

    async def async_reconcile(self, tenant: str, permit: str, bills: Sequence[Bill]) -> bool:
        """Replace what was charged for an unsettled request by what the provider really billed.

        Says whether it was still unsettled; a second time changes nothing.
        """
        place = key_of(checked(tenant, "tenant"), "held")
        return await self._store.run(RECONCILE([place], (permit, *billed(bills)), bool))

    async def async_entries(self, tenant: str, month: str) -> tuple[Entry, ...]:
        """The ledger of a month (``2026-11``), oldest first."""
        place = key_of(checked(tenant, "tenant"), "ledger", month)
        return tuple(
            [
                Entry.model_validate({"id": entry_id, **texts(fields)})
                async for entry_id, fields in entries(self._store, place)
            ]
        )


def _field(scope: Scope, name: str) -> str:
    if scope == "tenant":
        return "tenant"
    if scope not in ("user", "key", "session"):
        raise InvalidInput("a budget belongs to a tenant, user, key or session", "scope")
    return f"{scope}|{checked(name, scope)}"


def _defaults(settings: BudgetSettings, scope: Scope, own: Budget | None) -> _Defaults:
    if own is not None and own != Budget():
        return _Defaults(own.micro_usd_per_day, own.micro_usd_per_month)
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
