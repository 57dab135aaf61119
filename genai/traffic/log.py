"""The newest requests of the service, in Redis.

{service}|traffic    a stream, oldest first; each entry is one `Observed`: its values, in order, as JSON,
                     under a name that says which values these are
"""

from zlib import crc32

import orjson

from genai.memory.names import key_of
from genai.memory.store import Command, Script, Store
from genai.traffic.observed import Observed

SERVICE = "service"
KEPT = 50_000

_NAMES = tuple(Observed.model_fields)
_LEFT_OUT = (None, ())
"""At the end of an entry: what only a sample has."""

_FORM = f"{crc32(' '.join(_NAMES).encode()):08x}"

# KEYS: stream. ARGV: most entries, form, observed.
_ADD = Script("return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', ARGV[2], ARGV[3])")


class TrafficLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, observed: Observed) -> None:
        """Returns at once; what cannot be written is lost."""
        entry = (KEPT, _FORM, row_of(observed))
        self._store.post(_ADD([key_of(SERVICE, "traffic")], entry, bytes))

    async def async_read(self, *, since: float = 0.0, at_most: int = KEPT) -> list[Observed]:
        """The newest requests since the Unix time, oldest first. Raises `BackendFailed`.

        Those that another version of the service noted, with other values, are passed over.
        """
        begin = f"{int(since * 1000)}" if since else "-"
        words = ("XREVRANGE", key_of(SERVICE, "traffic"), "+", begin, "COUNT", at_most)
        entries = await self._store.run(Command(words, list, repeatable=True))
        rows = [row for _, (form, row) in reversed(entries) if form == _FORM.encode()]
        return [observed_of(row) for row in rows]


def row_of(observed: Observed) -> bytes:
    """Without names, which would be two thirds of it; times are exact to tenths of milliseconds."""
    short = {"at": round(observed.at, 4), "seconds": round(observed.seconds, 4)}
    row = list((observed.model_dump() | short).values())
    while row[-1] in _LEFT_OUT:
        row.pop()
    return orjson.dumps(row)


def observed_of(row: bytes) -> Observed:
    return Observed(**dict(zip(_NAMES, orjson.loads(row), strict=False)))
