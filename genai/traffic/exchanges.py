"""Stores questions and answers of consenting users for training.

{tenant}|exchanges    `SealedLines`, each one exchange as JSON

Consent is a role of the key. Erasing a person erases these as well.
"""

from genai.access.feedback import FeedbackLog
from genai.memory.cipher import Cipher
from genai.memory.sealed_lines import SealedLines
from genai.memory.store import Store
from genai.messages import RequestContext
from genai.safety.cleaned import cleaned
from genai.traffic.exchange import RecordedExchange

CONSENT = "contributor"


class ExchangeLog:
    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._lines = SealedLines(store, cipher, "exchanges")

    def keep(self, context: RequestContext, exchange: RecordedExchange) -> None:
        """Store the exchange if its user consented. Returns at once; lost if Redis is down."""
        if CONSENT not in context.roles:
            return
        clean = exchange.model_copy(
            update={
                "question": cleaned(exchange.question),
                "answer": cleaned(exchange.answer),
            }
        )
        self._lines.post(context.tenant, context.user, clean.model_dump_json())

    async def async_read(self, tenant: str, at_most: int) -> list[RecordedExchange]:
        """The newest exchanges, oldest first, without those that cannot be decrypted. Raises
        `BackendFailed`.
        """
        lines = await self._lines.async_newest(tenant, at_most)
        return [RecordedExchange.model_validate_json(line) for line in lines]


async def ratings_of(feedback: FeedbackLog, tenant: str) -> dict[str, str]:
    """The last rating of each answer, by id without the signature that clients see."""
    found: dict[str, str] = {}
    async for judged in feedback.async_read(tenant):
        found[judged["answer_id"].rpartition(".")[0] or judged["answer_id"]] = judged["rating"]
    return found
