"""The newest requests of the service, in Redis.

{service}|traffic    a stream, oldest first; each entry is one `Observed`, as JSON
"""

from genai.memory.names import key_of
from genai.memory.store import Command, Script, Store
from genai.traffic.observed import Observed

SERVICE = "service"
KEPT = 50_000

# KEYS: stream. ARGV: most entries, observed.
_ADD = Script("return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'json', ARGV[2])")


class TrafficLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, observed: Observed) -> None:
        """Returns at once; what cannot be written is lost."""
        self._store.post(
            _ADD([key_of(SERVICE, "traffic")], (KEPT, observed.model_dump_json()), bytes)
        )

    async def async_read(self, *, since: float = 0.0, at_most: int = KEPT) -> list[Observed]:
        """The newest requests since the Unix time, oldest first. Raises `BackendFailed`."""
        begin = f"{int(since * 1000)}" if since else "-"
        words = ("XREVRANGE", key_of(SERVICE, "traffic"), "+", begin, "COUNT", at_most)
        entries = await self._store.run(Command(words, list, repeatable=True))
        return [Observed.model_validate_json(fields[1]) for _, fields in entries][::-1]
