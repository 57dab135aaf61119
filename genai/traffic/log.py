"""The newest requests of the service, in Redis.

{service}|traffic    a stream, oldest first; each entry is one `Observed`: its values, in order, as JSON
"""

import orjson

from genai.memory.names import key_of
from genai.memory.store import Command, Script, Store
from genai.traffic.observed import Observed

SERVICE = "service"
KEPT = 50_000

_NAMES = tuple(Observed.model_fields)
_LEFT_OUT = (None, ())
"""At the end of an entry: what only a sample has."""

# KEYS: stream. ARGV: most entries, observed.
_ADD = Script("return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'row', ARGV[2])")


class TrafficLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, observed: Observed) -> None:
        """Returns at once; what cannot be written is lost."""
        self._store.post(_ADD([key_of(SERVICE, "traffic")], (KEPT, row_of(observed)), bytes))

    async def async_read(self, *, since: float = 0.0, at_most: int = KEPT) -> list[Observed]:
        """The newest requests since the Unix time, oldest first. Raises `BackendFailed`."""
        begin = f"{int(since * 1000)}" if since else "-"
        words = ("XREVRANGE", key_of(SERVICE, "traffic"), "+", begin, "COUNT", at_most)
        entries = await self._store.run(Command(words, list, repeatable=True))
        return [observed_of(fields[1]) for _, fields in entries][::-1]


def row_of(observed: Observed) -> bytes:
    """Without names, which would be two thirds of it; times are exact to tenths of milliseconds."""
    short = {"at": round(observed.at, 4), "seconds": round(observed.seconds, 4)}
    row = list((observed.model_dump() | short).values())
    while row[-1] in _LEFT_OUT:
        row.pop()
    return orjson.dumps(row)


def observed_of(row: bytes) -> Observed:
    return Observed(**dict(zip(_NAMES, orjson.loads(row), strict=False)))
