"""Replicas of the ingress over one Redis, and a provider of models that counts what it makes.

Only answers come from a stand-in. Claims, limits and the ledger are the real ones.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from redis.asyncio import Redis

from deployments.api.app import build_http_app
from genai.access.admission import Admission
from genai.access.budgets import Budgets
from genai.access.idempotency import Idempotency
from genai.access.usage import UsageLedger
from genai.errors import BackendFailed, StoreUnavailable
from genai.events import AnswerEvent, DoneEvent, TokenEvent
from genai.llms.spent import set_spent
from genai.memory.store import Command, Store
from genai.messages import Answer, Bill, Question, Usage
from genai.meter import Meter
from genai.settings.access import BudgetSettings, LimitSettings
from tests.support.asgi import Exchange
from tests.support.limiters import limiter_on
from tests.support.services import Fakes
from tests.support.vault import CIPHER

PATH = "/v1/assistant/generate"
WORDS = ("A ", "new ", "card ", "costs ", "12 ", "dollars.")
PRICE = 7
"""Micro-dollars per word."""

MANY = 10**9
PATIENCE_S = 60.0
"""A bound on what only hangs if something is wrong."""


class Provider:
    """Makes a word for each `let`, or all once they are `free`. Notes the words of each run."""

    def __init__(self) -> None:
        self.free = False
        self.fails_after: int | None = None
        self.made: defaultdict[int, int] = defaultdict(int)
        self.runs = 0
        self.running = 0
        self._let = asyncio.Semaphore(0)

    @property
    def bill(self) -> int:
        return sum(self.made.values()) * PRICE

    def let(self, words: int = 1) -> None:
        for _ in range(words):
            self._let.release()

    def let_all(self) -> None:
        self.free = True
        self.let(len(WORDS) * 100)

    async def words(self) -> AsyncIterator[tuple[str, Usage]]:
        """Each word, with the usage so far."""
        self.runs += 1
        self.running += 1
        run = self.runs
        try:
            for number, word in enumerate(WORDS):
                if number == self.fails_after:
                    raise BackendFailed("the model failed")
                if not self.free:
                    await self._let.acquire()
                self.made[run] += 1
                yield word, _usage(self.made[run])
        finally:
            self.running -= 1


def _usage(words: int) -> Usage:
    bill = Bill(model="m", completion_tokens=words, cost_micro_usd=words * PRICE)
    return Usage(completion_tokens=words, cost_micro_usd=words * PRICE, bills=(bill,))


class Answers:
    """An assistant that passes the provider's words on."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def async_answer(self, question: Question) -> Answer:
        spent = Usage()
        try:
            async for _, so_far in self._provider.words():
                spent = so_far
        except (BackendFailed, asyncio.CancelledError) as error:
            set_spent(error, spent)
            raise
        return self._answer(question, spent)

    async def async_stream(
        self, question: Question, meter: Meter | None = None
    ) -> AsyncIterator[AnswerEvent]:
        assert meter is not None
        words = self._provider.words()
        try:
            async for word, spent in words:
                meter.spent = spent
                yield TokenEvent(text=word)
        finally:
            await words.aclose()  # type: ignore[attr-defined]
        yield DoneEvent(answer=self._answer(question, meter.spent or Usage()))

    def _answer(self, question: Question, usage: Usage) -> Answer:
        run = self._provider.runs
        return Answer(id=f"ans_{run}", text="".join(WORDS), route="rag", model="m", usage=usage)


class MortalStore(Store):
    """After `die`, nothing reaches Redis any more, as from a process that was killed."""

    dead = False

    def die(self) -> None:
        self.dead = True

    async def run(self, command: Command[Any]) -> Any:
        if self.dead:
            raise StoreUnavailable("dead")
        return await super().run(command)

    def post(self, command: Command[Any]) -> None:
        if not self.dead:
            super().post(command)


class Replica:
    """One ingress."""

    def __init__(self, client: Redis, provider: Provider) -> None:
        self.store = MortalStore(client, timeout_s=30.0)
        limits = LimitSettings(
            requests_per_minute=MANY, tokens_per_minute=MANY, concurrent_requests=MANY
        )
        limiter = limiter_on(self.store, limits)
        self.fakes = Fakes()
        self.fakes.assistant = Answers(provider)  # type: ignore[assignment]
        self.fakes.admission = Admission(limiter, UsageLedger(self.store))  # type: ignore[assignment]
        self.fakes.idempotency = Idempotency(self.store, CIPHER, lease_s=10 * PATIENCE_S)  # type: ignore[assignment]
        self.services = self.fakes.services()
        self._app = build_http_app(self.services)

    def rebuilt(self) -> "Replica":
        """With changed `fakes`."""
        self.services = self.fakes.services()
        self._app = build_http_app(self.services)
        return self

    def ask(
        self, key: str | None = "k-1", *, path: str = PATH, user: str = "", **body: Any
    ) -> Exchange:
        asked = {"input": "What does a card cost?", "stream": True} | body
        headers = {"idempotency-key": key} if key else {}
        if user:
            headers["authorization"] = f"Bearer {user}"
        return Exchange(self._app, path, orjson.dumps(asked), headers=headers)

    @property
    def idle(self) -> bool:
        queue: Any = self.services.queue
        return not (self.services.shutdown._requests or queue._flows.root.here)


@dataclass
class TwoIngresses:
    """Leases of claims are long: `expire_leases` ends them."""

    client: Redis
    provider: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        self.replicas = [Replica(self.client, self.provider) for _ in range(2)]
        self.budgets = Budgets(self.replicas[1].store, BudgetSettings())

    async def charged(self, tenant: str = "bank", user: str = "ada") -> int:
        """What the ledger says; nothing may be held any more."""
        for replica in self.replicas:
            await replica.store.flush()
        status = await self.budgets.async_status(tenant, "user", user)
        assert status.held_day == 0
        return status.spent_day

    async def records(self) -> list[bytes]:
        return list(await self.client.keys("*|idempotency|*"))

    async def expire_leases(self) -> None:
        for name in await self.records():
            await self.client.hset(name, "until", 0)

    async def close(self) -> None:
        for replica in self.replicas:
            await replica.services.shutdown.async_close(0.0)
            await replica.store.flush()


async def answered(exchange: Exchange) -> bytes:
    """The whole body."""
    async with asyncio.timeout(PATIENCE_S):
        await exchange.task
    return exchange.body


async def left(exchange: Exchange) -> None:
    exchange.leave()
    async with asyncio.timeout(PATIENCE_S):
        await exchange.task


async def until_written(exchange: Exchange, words: int) -> bytes:
    """What was written once it has so many words."""
    async with asyncio.timeout(PATIENCE_S):
        while exchange.messages[1:] == [] or exchange.body.count(b"event: token") < words:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return exchange.body
