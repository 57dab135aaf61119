"""Spending rates of tenants: sums over the last hour and the last minute.

{tenant}|spending          a hash: slot of ten seconds -> micro-dollars
{tenant}|alerted|<kind>    exists while an alert of this kind must not be repeated
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from genai.memory.names import key_of
from genai.memory.store import Command, Script, Store

SLOT_S = 10
HOUR_SLOTS, MINUTE_SLOTS = 360, 6


@dataclass(frozen=True, slots=True)
class Spent:
    """Micro-dollars spent in the last hour, which includes the last minute."""

    hour: int
    minute: int

    @property
    def usual_minute(self) -> float:
        """The average of the other minutes of the hour."""
        return (self.hour - self.minute) / 59


class SpendingLedger(Protocol):
    """Raises `BackendFailed`."""

    async def async_add(self, tenant: str, micro_usd: int, at: float) -> Spent:
        """Add an expense at the Unix time ``at``; returns the sums up to then."""
        ...

    async def async_may_alert(self, tenant: str, kind: str, pause_s: int, at: float) -> bool:
        """Whether to alert now: true once per ``pause_s`` seconds."""
        ...


class InProcessSpending:
    """The spending of this process."""

    def __init__(self) -> None:
        self._slots: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._alerted: dict[tuple[str, str], float] = {}

    async def async_add(self, tenant: str, micro_usd: int, at: float) -> Spent:
        now = int(at) // SLOT_S
        slots = self._slots[tenant]
        slots[now] = slots.get(now, 0) + micro_usd
        for old in [slot for slot in slots if slot <= now - HOUR_SLOTS]:
            del slots[old]
        minute = sum(value for slot, value in slots.items() if slot > now - MINUTE_SLOTS)
        return Spent(hour=sum(slots.values()), minute=minute)

    async def async_may_alert(self, tenant: str, kind: str, pause_s: int, at: float) -> bool:
        last = self._alerted.get((tenant, kind))
        if last is not None and at < last + pause_s:
            return False
        self._alerted[tenant, kind] = at
        return True


# KEYS: the hash. ARGV: slot, amount, slots of an hour, of a minute, seconds to keep.
_ADD = Script(
    """
local now, hour, minute = tonumber(ARGV[1]), 0, 0
redis.call('HINCRBY', KEYS[1], now, ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
local all, old = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local slot, amount = tonumber(all[i]), tonumber(all[i + 1])
  if slot <= now - ARGV[3] then
    old[#old + 1] = all[i]
  else
    hour = hour + amount
    if slot > now - ARGV[4] then minute = minute + amount end
  end
end
if #old > 0 then redis.call('HDEL', KEYS[1], unpack(old)) end
return {hour, minute}
"""
)


class RedisSpending:
    """The spending of all processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_add(self, tenant: str, micro_usd: int, at: float) -> Spent:
        keys = [key_of(tenant, "spending")]
        windows = (HOUR_SLOTS, MINUTE_SLOTS, 2 * HOUR_SLOTS * SLOT_S)
        arguments = (int(at) // SLOT_S, micro_usd, *windows)
        return await self._store.run(_ADD(keys, arguments, lambda reply: Spent(*reply)))

    async def async_may_alert(self, tenant: str, kind: str, pause_s: int, at: float) -> bool:
        key = key_of(tenant, "alerted", kind)
        return await self._store.run(Command(("SET", key, at, "NX", "EX", pause_s), bool))
