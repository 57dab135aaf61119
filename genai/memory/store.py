"""Access to Redis: runs commands and Lua scripts, and returns parsed replies.

    callers ──▶ queue ──▶ a pipeline ──▶ Redis

Batching: commands queued at the same time share a round trip. Later ones wait for its replies; if those are
late, they use another connection. When Redis is far away, some connections are opened in advance.

Timeouts: a command fails after ``timeout_s``, up to a second later if a Redis on this machine only lacks CPU
time. `wait_budget` limits the total per request. The pipeline itself waits longer, so that its connection can
be used again.

Retries: a read-only command is sent again if its connection is lost, but not if it is late.

Failures (`failure_detector`): after one failure, commands get a shorter timeout and a probe waits for Redis.
After `STRIKES` failures in a row, commands fail unsent, except one per ``cool_down_s``, until the probe
succeeds.
"""

import asyncio
import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

from genai.errors import BackendFailed, StoreUnavailable
from genai.memory.connection import UNAVAILABLE, translated
from genai.memory.failure_detector import FailureDetector
from genai.memory.lag_tolerant_timeout import TICKS
from genai.memory.wait_budget import budgeted_timeout
from genai.memory.wire import Word, cut_off_when_broken, packed, reply_of, socket_of
from genai.reliability.process_state import is_starved

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 256
BACKLOG = 10_000
REPOSTED = 64
RETRY_FOR_S = 60.0
GIVEN_UP_S = 1.0
"""Seconds after which the connection of a pipeline without replies is closed."""
PROBE_EVERY_S = 0.05
RETRY_EVERY_S = 0.5


READS = {"EXISTS", "GET", "SCAN", "PING"}
READS |= {"HGET", "HGETALL", "HMGET", "LRANGE", "SISMEMBER", "SMEMBERS"}
READS |= {"XRANGE", "XREVRANGE", "ZRANGE", "ZRANGEBYSCORE", "ZREVRANGE"}
"""Read-only commands."""


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """``source`` is the Lua text to load if ``words`` are an EVALSHA.

    A ``repeatable`` command is idempotent, but a second reply may differ. One that ``reads`` has no effects.
    """

    words: tuple[Word, ...]
    parse: Callable[[Any], T]
    source: str | None = None
    repeatable: bool = False
    reads: bool = False

    def may_be_sent_again(self) -> bool:
        return self.reads or self.words[0] in READS


class ConnectionLost(StoreUnavailable):
    """The connection broke before the reply; the command may have run."""


PING = Command(("PING",), bool)


class Script:
    """A Lua script. Redis runs it atomically."""

    def __init__(self, source: str, *, repeatable: bool = False, reads: bool = False) -> None:
        self._source = source
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._repeatable = repeatable
        self._reads = reads

    def __call__(
        self, keys: Iterable[str], arguments: Iterable[Word], parse: Callable[[Any], T]
    ) -> Command[T]:
        keys = tuple(keys)
        words = ("EVALSHA", self._sha, len(keys), *keys, *arguments)
        return Command(words, parse, self._source, self._repeatable, self._reads)


@dataclass(slots=True)
class _Waiting:
    command: Command[Any]
    future: asyncio.Future[Any]


class Store:
    """Belongs to one event loop. Every method raises `BackendFailed` when Redis cannot answer."""

    def __init__(
        self,
        client: Redis,
        *,
        timeout_s: float = 0.2,
        cool_down_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.timeout_s = timeout_s
        self._client = client
        self._clock = clock
        self._detector = FailureDetector(cool_down_s, clock)
        self._waiting: deque[_Waiting] = deque()
        self._backlog: deque[tuple[Command[Any], float]] = deque(maxlen=BACKLOG)
        self._sender: asyncio.Task[None] | None = None
        self._overtaken: set[asyncio.Task[None]] = set()
        self._probe: asyncio.Task[None] | None = None
        self._widening: set[asyncio.Task[None]] = set()
        self._widened = False
        self._loaded: set[Word] = set()
        self._asked: AbstractConnection | None = None
        self._refused_until = 0.0

    async def run(self, command: Command[T]) -> T:
        """The parsed reply, within ``timeout_s``."""
        self._detector.refuse_while_down()
        strikes = self._detector.strikes
        patience = self._detector.patience(self.timeout_s)
        try:
            async with budgeted_timeout(patience, self.timeout_s, self._starved):
                reply = await self._reply(command)
        except TimeoutError as error:
            self._went_down(strikes)
            raise StoreUnavailable(UNAVAILABLE) from error
        return command.parse(reply)

    async def _reply(self, command: Command[Any]) -> Any:
        try:
            return await self._enqueue(command)
        except ConnectionLost:
            if not command.may_be_sent_again():
                raise
            return await self._enqueue(command)

    def post(self, command: Command[Any]) -> None:
        """Run a command in the background.

        A repeatable command that fails is retried for a minute; any other is logged and lost.
        """
        self._post(command, self._clock())

    @property
    def backlog_size(self) -> int:
        """Number of posted commands to be retried when Redis answers again."""
        return len(self._backlog)

    async def flush(self) -> None:
        """Wait until all queued commands are answered or have failed."""
        while self._busy or self._overtaken:
            await asyncio.wait([task for task in (self._sender, *self._overtaken) if task])

    async def ping(self) -> None:
        await self.run(PING)

    async def close(self) -> None:
        """`flush`, then close the connections. Safe to call twice. Logs if the backlog is lost."""
        await self.flush()
        by_itself = [task for task in (self._probe, *self._widening) if task is not None]
        for task in by_itself:
            task.cancel()
        await asyncio.gather(*by_itself, return_exceptions=True)
        if self._backlog:
            logger.error("writes to redis were lost", extra={"count": len(self._backlog)})
            self._backlog.clear()
        await self._client.aclose()

    @property
    def _busy(self) -> bool:
        return self._sender is not None and not self._sender.done()

    def _enqueue(self, command: Command[Any]) -> asyncio.Future[Any]:
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if not self._busy:
            self._start_sender()
        return waiting.future

    def _start_sender(self) -> None:
        self._sender = asyncio.get_running_loop().create_task(self._send_all())

    def _overtake(self, late: asyncio.Task[None] | None) -> None:
        """Send later commands on another connection, because this pipeline is late."""
        if late is None or self._sender is not late:
            return
        self._overtaken.add(late)
        late.add_done_callback(self._overtaken.discard)
        self._sender = None
        if self._waiting:
            self._start_sender()

    async def _send_all(self) -> None:
        me = asyncio.current_task()
        while self._waiting and self._sender is me:
            size = min(BATCH, len(self._waiting))
            await self._send([self._waiting.popleft() for _ in range(size)])

    async def _send(self, batch: list[_Waiting]) -> None:
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        strikes, began = self._detector.strikes, loop.time()
        late = loop.call_later(self.timeout_s / TICKS, self._overtake, me)
        try:
            with translated():
                async with asyncio.timeout(max(GIVEN_UP_S, self.timeout_s)):
                    await self._exchange(batch)
        except BackendFailed as error:
            self._went_down(strikes)
            _fail(batch, lost=not isinstance(error.__cause__, TimeoutError))
        except BaseException:  # a bug or a shutdown: callers must not wait forever
            _fail([*batch, *self._waiting])
            self._waiting.clear()
            raise
        else:
            self._answered(loop.time() - began)
        finally:
            late.cancel()

    async def _exchange(self, batch: list[_Waiting]) -> None:
        """Deliver the replies; scripts unknown to the server are sent again with their source."""
        unknown = await self._pipeline(batch)
        while unknown:
            self._loaded.clear()
            unknown = await self._pipeline(unknown)

    def _words(self, command: Command[Any]) -> tuple[Word, ...]:
        """With the source of a script that was not used yet, which saves a round trip."""
        known = command.source is None or command.words[1] in self._loaded
        return command.words if known else _with_source(command)

    async def _pipeline(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Send a batch; returns commands whose script the server does not know.

        Cheaper than the client library's pipelines: without retries and hooks. Commands of callers that
        left are not sent, because their compensation may already be under way.
        """
        pool = self._client.connection_pool
        connection = await pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            self._asked = connection
            here = [waiting for waiting in batch if not waiting.future.done()]
            said = b"".join(packed(self._words(waiting.command)) for waiting in here)
            with cut_off_when_broken(connection):
                await connection.send_packed_command(said)
                replies = [(waiting, await reply_of(connection)) for waiting in here]
        finally:
            await pool.release(connection)
        unknown = [w for w, reply in replies if isinstance(reply, NoScriptError)]
        for waiting, reply in replies:
            if not isinstance(reply, NoScriptError):
                if waiting.command.source is not None:
                    self._loaded.add(waiting.command.words[1])
                _answer(waiting, reply)
        return unknown

    def _starved(self) -> bool:
        return self._asked is not None and is_starved(socket_of(self._asked))

    def _went_down(self, strikes_when_sent: int) -> None:
        self._detector.strike(strikes_when_sent)
        self._widened = False
        self._start_probe()

    def _start_probe(self, after_s: float = 0.0) -> None:
        if self._probe is None or self._probe.done():
            self._probe = asyncio.get_running_loop().create_task(self._probe_until_up(after_s))

    async def _probe_until_up(self, after_s: float) -> None:
        """Keeps a PING waiting at Redis, so that the end of an outage is known within milliseconds."""
        await asyncio.sleep(after_s)
        loop = asyncio.get_running_loop()
        while self._detector.strikes or self._backlog:
            began = loop.time()
            try:
                with translated():
                    async with asyncio.timeout(GIVEN_UP_S):
                        await self._exchange([_Waiting(PING, loop.create_future())])
            except BackendFailed:
                await asyncio.sleep(PROBE_EVERY_S)
            else:
                self._answered(loop.time() - began)
                if self._backlog and self._refuses:
                    await asyncio.sleep(RETRY_EVERY_S)

    @property
    def _refuses(self) -> bool:
        """Whether Redis answers but refuses writes, such as when it is out of memory."""
        return asyncio.get_running_loop().time() < self._refused_until

    def _answered(self, after_s: float) -> None:
        """Late replies are ignored: they do not show that the next one will be in time."""
        if after_s > self.timeout_s:
            return
        self._detector.clear(after_s)
        if not self._widened and self._detector.usual_s > self.timeout_s / TICKS:
            self._widened = True
            task = asyncio.get_running_loop().create_task(self._widen())
            self._widening.add(task)
            task.add_done_callback(self._widening.discard)
        if self._refuses:
            return
        oldest = self._clock() - RETRY_FOR_S
        for _ in range(min(REPOSTED, len(self._backlog))):
            command, since = self._backlog.popleft()
            if since >= oldest:
                self._post(command, since)

    async def _widen(self) -> None:
        """Open connections in advance for commands that overtake late pipelines."""
        pool = self._client.connection_pool
        size = min(TICKS, pool.max_connections // 2)
        opening = [asyncio.ensure_future(pool.get_connection()) for _ in range(size)]  # type: ignore[no-untyped-call]
        try:
            if opening:
                await asyncio.wait(opening, timeout=GIVEN_UP_S)
        finally:
            for task in opening:
                task.cancel()
            for opened in await asyncio.gather(*opening, return_exceptions=True):
                if isinstance(opened, AbstractConnection):
                    await pool.release(opened)

    def _post(self, command: Command[Any], since: float) -> None:
        if self._detector.is_down or (self._detector.strikes and command.repeatable):
            self._keep(command, since)
            return
        future = self._enqueue(command)
        future.add_done_callback(lambda done: self._posted(done, command, since))

    def _posted(self, done: asyncio.Future[Any], command: Command[Any], since: float) -> None:
        error = done.exception()
        if error is None:
            return
        if not isinstance(error, StoreUnavailable):
            self._refused_until = asyncio.get_running_loop().time() + RETRY_EVERY_S
        self._keep(command, since)

    def _keep(self, command: Command[Any], since: float) -> None:
        if not command.repeatable:
            logger.error("a write to redis was lost")
            return
        self._backlog.append((command, since))
        self._start_probe(RETRY_EVERY_S)


def _fail(batch: Iterable[_Waiting], *, lost: bool = False) -> None:
    for waiting in batch:
        if not waiting.future.done():
            error = ConnectionLost(UNAVAILABLE) if lost else StoreUnavailable(UNAVAILABLE)
            waiting.future.set_exception(error)
            waiting.future.exception()  # the caller may have left


def _answer(waiting: _Waiting, reply: Any) -> None:
    if waiting.future.done():
        return
    if isinstance(reply, ResponseError):
        waiting.future.set_exception(BackendFailed("the session store refused a command", False))
        waiting.future.exception()
        logger.error("redis refused a command", extra={"reason": str(reply)})
    else:
        waiting.future.set_result(reply)


def _with_source(command: Command[Any]) -> tuple[Word, ...]:
    assert command.source is not None
    return ("EVAL", command.source, *command.words[2:])
