"""The usage of tenants, users and keys, by day and model.

    {tenant}|usage|<day>                       of the tenant
    {tenant}|usage|<day>|user|<user>           of one user
    {tenant}|usage|<day>|key|<key id>          of one key

Each is a hash of counters ``<model>|<counter>``. Costs are in whole micro-dollars.
"""

import asyncio
import datetime
import itertools
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from genai.access.billing import bill_words
from genai.access.money_scripts import BOOK, REMEMBERED_FOR_S
from genai.access.principal import Principal
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Store
from genai.messages import Bill, Value


class UsageRow(Value):
    """The usage of one model on one day (UTC)."""

    day: str
    model: str
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micro_usd: int = 0


class UsageLedger:
    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._process = secrets.token_hex(8)
        self._count = itertools.count()

    def post(self, principal: Principal, bills: Sequence[Bill], request_id: str = "-") -> None:
        """Book a request without a reservation, also in the money ledger.

        Does not wait for Redis. After an outage it is booked on the day of the request.
        """
        keys = (
            key_of(principal.tenant, "counted", f"{self._process}{next(self._count)}"),
            key_of(principal.tenant, "held"),
        )
        who = (_day(self._clock()), request_id, principal.key_id, principal.user, "-")
        self._store.post(BOOK(keys, (REMEMBERED_FOR_S, *who, *bill_words(bills)), int))

    async def async_report(
        self, principal: Principal, *, days: int, user: str | None = None
    ) -> tuple[UsageRow, ...]:
        """The last ``days`` days of the tenant, or of one user, newest first."""
        share = ("user", checked(user, "user")) if user is not None else ()
        now = self._clock()
        dates = [_day(now - 86_400 * ago) for ago in range(days)]
        found = await asyncio.gather(
            *(self._read(day, key_of(principal.tenant, "usage", day, *share)) for day in dates)
        )
        return tuple(row for rows in found for row in rows)

    async def _read(self, day: str, key: str) -> tuple[UsageRow, ...]:
        return await self._store.run(Command(("HGETALL", key), lambda reply: _rows(day, reply)))


def _day(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()


def _rows(day: str, reply: dict[bytes, bytes] | list[Any]) -> tuple[UsageRow, ...]:
    pairs = reply.items() if isinstance(reply, dict) else zip(reply[::2], reply[1::2], strict=True)
    models: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, number in pairs:
        model, _, counter = name.decode().rpartition("|")
        models[model][counter] = int(number)
    return tuple(UsageRow(day=day, model=m, **counts) for m, counts in sorted(models.items()))
