"""The traffic log in Redis: all recent requests, and a sample of each hour.

{service}|traffic           a stream, oldest first; each entry is one `Observed`: its values in order, as
                            JSON, under a name that identifies their schema
{service}|traffic|<hour>    a list: the sample of that hour (since 1970)
{service}|traffic|<hour>|n  the number of requests in that hour

So the log does not grow with the traffic, and still covers days. Each request of an hour has the same chance
to be in its sample (Vitter's algorithm R).
"""

import random
from collections.abc import Sequence
from zlib import crc32

import orjson

from genai.memory.names import key_of
from genai.memory.store import Command, Script, Store
from genai.traffic.observed import Observed

SERVICE = "service"
NEWEST = 5_000
OF_AN_HOUR = 200
KEPT_FOR_S = 10 * 86_400
HOUR_S = 3600
HOURS_AT_ONCE = 24

_NAMES = tuple(Observed.model_fields)
_LEFT_OUT = (None, ())
"""Trailing values that are left out: fields that only a sample has."""

_FORM = f"{crc32(' '.join(_NAMES).encode()):08x}"

# KEYS: stream, those of the hour, their number. ARGV: most entries, form, observed, most of the hour, a
# random number between 0 and 1 (Redis draws the same ones in every script), seconds to keep.
_ADD = Script(
    """
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', ARGV[2], ARGV[3])
local n, most, entry = redis.call('INCR', KEYS[3]), tonumber(ARGV[4]), ARGV[2] .. ARGV[3]
if n <= most then
  redis.call('RPUSH', KEYS[2], entry)
else
  local place = math.floor(tonumber(ARGV[5]) * n)
  if place < most then redis.call('LSET', KEYS[2], place, entry) end
end
if n == 1 then
  for i = 2, 3 do redis.call('EXPIRE', KEYS[i], ARGV[6]) end
end
return n
"""
)

# KEYS: those of an hour, their number; as often as wanted. Answers both of each.
_HOURS = Script(
    """
local found = {}
for i = 1, #KEYS, 2 do
  found[#found + 1] = redis.call('LRANGE', KEYS[i], 0, -1)
  found[#found + 1] = tonumber(redis.call('GET', KEYS[i + 1]) or 0)
end
return found
""",
    reads=True,
)


class TrafficLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, observed: Observed) -> None:
        """Record a request. Returns at once; it is lost if Redis does not answer."""
        drawn = random.random()  # noqa: S311 - only a sample
        entry = (NEWEST, _FORM, row_of(observed), OF_AN_HOUR, drawn, KEPT_FOR_S)
        keys = (key_of(SERVICE, "traffic"), *_keys(int(observed.at // HOUR_S)))
        self._store.post(_ADD(keys, entry, int))

    async def async_read(self, *, since: float = 0.0, at_most: int = 2 * NEWEST) -> list[Observed]:
        """The newest requests since the Unix time, oldest first. Raises `BackendFailed`.

        Entries with the schema of another version of the service are skipped.
        """
        begin = f"{int(since * 1000)}" if since else "-"
        words = ("XREVRANGE", key_of(SERVICE, "traffic"), "+", begin, "COUNT", at_most)
        entries = await self._store.run(Command(words, list, repeatable=True))
        rows = [row for _, (form, row) in reversed(entries) if form == _FORM.encode()]
        return [observed_of(row) for row in rows]

    async def async_sample(self, since: float, until: float, *, seed: int = 0) -> list[Observed]:
        """A uniform sample of the requests between two Unix times, as large as possible. Oldest first.
        Raises `BackendFailed`.
        """
        newest = await self.async_read()
        if len(newest) < NEWEST or newest[0].at <= since:
            return [one for one in newest if since <= one.at < until]
        first = int(max(since, until - KEPT_FOR_S) // HOUR_S)
        hours = range(first, int(until // HOUR_S) + 1)
        found: list[tuple[list[Observed], float]] = []
        for i in range(0, len(hours), HOURS_AT_ONCE):
            keys = [key for hour in hours[i : i + HOURS_AT_ONCE] for key in _keys(hour)]
            found += await self._store.run(_HOURS(keys, (), _hours))
        return _evenly([(_between(rows, since, until), share) for rows, share in found], seed)


def _keys(hour: int) -> tuple[str, str]:
    return key_of(SERVICE, "traffic", str(hour)), key_of(SERVICE, "traffic", str(hour), "n")


def _hours(reply: Sequence[object]) -> list[tuple[list[Observed], float]]:
    """The sample of each hour, and its sampling rate."""
    found = []
    for entries, number in zip(reply[::2], reply[1::2], strict=True):
        assert isinstance(entries, list)
        assert isinstance(number, int)
        form, length = _FORM.encode(), len(_FORM)
        rows = [observed_of(entry[length:]) for entry in entries if entry.startswith(form)]
        found.append((rows, len(entries) / max(number, 1)))
    return found


def _between(rows: list[Observed], since: float, until: float) -> list[Observed]:
    return [one for one in rows if since <= one.at < until]


def _evenly(hours: list[tuple[list[Observed], float]], seed: int) -> list[Observed]:
    """Thins out quiet hours to the sampling rate of the busiest."""
    dice = random.Random(seed)  # noqa: S311 - only a sample
    least = min((share for rows, share in hours if rows), default=1.0)
    kept = [one for rows, share in hours for one in rows if dice.random() * share < least]
    return sorted(kept, key=lambda one: one.at)


def row_of(observed: Observed) -> bytes:
    """The values without names, which would be two thirds of the size. Times are rounded to 0.1 ms."""
    short = {"at": round(observed.at, 4), "seconds": round(observed.seconds, 4)}
    row = list((observed.model_dump() | short).values())
    while row[-1] in _LEFT_OUT:
        row.pop()
    return orjson.dumps(row)


def observed_of(row: bytes) -> Observed:
    return Observed(**dict(zip(_NAMES, orjson.loads(row), strict=False)))
