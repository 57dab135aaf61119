"""What people who consented asked and were answered, kept for training.

{tenant}|exchanges    a stream, oldest first; each entry is a user and one exchange, as sealed JSON

Consent is a role of the key. Whoever is erased is erased here, too.
"""

from genai.access.feedback import FeedbackLog
from genai.memory.cipher import Cipher
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.messages import RequestContext
from genai.safety.cleaned import cleaned
from genai.traffic.exchange import Exchange

CONSENT = "contributor"
KEPT = 100_000
PAGE = 1000

# KEYS: stream. ARGV: most entries, user, exchange.
_ADD = Script(
    "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'user', ARGV[2], 'sealed', ARGV[3])"
)


class ExchangeLog:
    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    def keep(self, context: RequestContext, exchange: Exchange) -> None:
        """Remember it if its user consented. Returns at once; what cannot be written is lost."""
        if CONSENT not in context.roles:
            return
        clean = exchange.model_copy(
            update={
                "question": cleaned(exchange.question),
                "answer": cleaned(exchange.answer),
            }
        )
        stream = key_of(context.tenant, "exchanges")
        sealed = self._cipher.seal(clean.model_dump_json().encode(), stream)
        self._store.post(_ADD([stream], (KEPT, checked(context.user, "user"), sealed), bytes))

    async def async_read(self, tenant: str, at_most: int) -> list[Exchange]:
        """The newest ones, oldest first, but for those that cannot be opened. Raises `BackendFailed`."""
        stream = key_of(checked(tenant, "tenant"), "exchanges")
        words = ("XREVRANGE", stream, "+", "-", "COUNT", at_most)
        entries = await self._store.run(Command(words, list))
        opened = (self._cipher.open(fields[3], stream) for _, fields in reversed(entries))
        return [Exchange.model_validate_json(one) for one in opened if one is not None]


async def ratings_of(feedback: FeedbackLog, tenant: str) -> dict[str, str]:
    """The last rating of each answer. The id that a client saw ends with a proof."""
    found: dict[str, str] = {}
    async for judged in feedback.async_read(tenant):
        found[judged["answer_id"].rpartition(".")[0] or judged["answer_id"]] = judged["rating"]
    return found
