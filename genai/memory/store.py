"""Redis as the rest of the library sees it: scripts in, parsed replies out.

    callers ──▶ waiting commands ──▶ one pipeline at a time ──▶ Redis

Commands that wait at the same moment travel in one round trip, whoever issued them. A caller never
waits longer than ``timeout_s``; a store that does not answer is left alone for ``cool_down_s``, and
then asked by a single command again.
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
from redis.exceptions import NoScriptError, ResponseError

from genai.errors import BackendFailed
from genai.memory.connection import UNAVAILABLE, translated
from genai.memory.wire import Word, packed, reply_of
from genai.memory.within import Within

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 256
BACKLOG = 10_000
REPOSTED = 64
RETRY_FOR_S = 60.0
SOON_S = 0.05


class NotAsked(BackendFailed):
    """Redis did not answer shortly before, so the command was not sent."""


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """``source`` is the Lua text when ``words`` are an EVALSHA, so that it can be loaded.

    A command that is ``repeatable`` does nothing when it is run again.
    """

    words: tuple[Word, ...]
    parse: Callable[[Any], T]
    source: str | None = None
    repeatable: bool = False


PING = Command(("PING",), bool)


class Script:
    """Lua text. Runs alone: no other command sees a state between its first and last step."""

    def __init__(self, source: str, *, repeatable: bool = False) -> None:
        self._source = source
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._repeatable = repeatable

    def __call__(
        self, keys: Iterable[str], arguments: Iterable[Word], parse: Callable[[Any], T]
    ) -> Command[T]:
        keys = tuple(keys)
        words = ("EVALSHA", self._sha, len(keys), *keys, *arguments)
        return Command(words, parse, self._source, self._repeatable)


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
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._backlog: deque[tuple[Command[Any], float]] = deque(maxlen=BACKLOG)
        self._sender: asyncio.Task[None] | None = None
        self._ask_again_at: float | None = None
        self._probe: asyncio.TimerHandle | None = None

    async def run(self, command: Command[T]) -> T:
        """The parsed reply, within ``timeout_s``."""
        self._refuse_while_down()
        return command.parse(await self._enqueue(command))

    def post(self, command: Command[Any]) -> None:
        """Run it soon, without waiting: for what must happen though the request is over.

        A repeatable command that fails is tried again for a minute, another is logged and lost.
        """
        self._post(command, self._clock())

    @property
    def owed(self) -> int:
        """Posted commands that will be made up for when Redis answers again."""
        return len(self._backlog)

    async def flush(self) -> None:
        """Return when everything that waits has been sent and answered, or has failed."""
        while self._sender is not None and not self._sender.done():
            await asyncio.wait([self._sender])

    async def ping(self) -> None:
        await self.run(PING)

    async def close(self) -> None:
        """Send what waits, then close the connections. Safe to call twice."""
        await self.flush()
        if self._probe is not None:
            self._probe.cancel()
        await self._client.aclose()

    def _enqueue(self, command: Command[Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(command, loop.create_future())
        self._waiting.append(waiting)
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._send_all())
        return waiting.future

    async def _send_all(self) -> None:
        while self._waiting:
            size = min(BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            try:
                await self._send(batch)
            except BaseException as error:
                self._went_down()
                _fail(
                    [*batch, *self._waiting]
                )  # also by a mistake of ours: nobody may wait for ever
                self._waiting.clear()
                if not isinstance(error, BackendFailed):
                    raise
            else:
                self._came_up()

    async def _send(self, batch: list[_Waiting]) -> None:
        with translated():
            async with Within(self.timeout_s):
                replies = await self._exchange([waiting.command for waiting in batch])
        for waiting, reply in zip(batch, replies, strict=True):
            _answer(waiting, reply)

    async def _exchange(self, commands: list[Command[Any]]) -> list[Any]:
        replies = await self._pipeline([command.words for command in commands])
        unknown = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            again = await self._pipeline([_with_source(commands[i]) for i in unknown])
            for index, reply in zip(unknown, again, strict=True):
                replies[index] = reply
        return replies

    async def _pipeline(self, commands: list[tuple[Word, ...]]) -> list[Any]:
        """What the client's pipelines do, for a fraction of their price: no retries, no hooks."""
        pool = self._client.connection_pool
        connection = await pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.send_packed_command(b"".join(map(packed, commands)))
            return [await reply_of(connection) for _ in commands]
        finally:
            await pool.release(connection)

    def _refuse_while_down(self) -> None:
        if self._ask_again_at is None:
            return
        now = self._clock()
        if now < self._ask_again_at:
            raise NotAsked(UNAVAILABLE)
        self._ask_again_at = now + self._cool_down_s

    def _went_down(self) -> None:
        if self._ask_again_at is None:
            logger.error("redis does not answer")
        self._ask_again_at = self._clock() + self._cool_down_s

    def _came_up(self) -> None:
        if self._ask_again_at is not None:
            self._ask_again_at = None
            logger.warning("redis answers again")
        oldest = self._clock() - RETRY_FOR_S
        for _ in range(min(REPOSTED, len(self._backlog))):
            command, since = self._backlog.popleft()
            if since >= oldest:
                self._post(command, since)

    def _post(self, command: Command[Any], since: float) -> None:
        if self._ask_again_at is not None and self._clock() < self._ask_again_at:
            self._keep(command, since)
            return
        future = self._enqueue(command)
        future.add_done_callback(lambda done: self._posted(done, command, since))

    def _posted(self, done: asyncio.Future[Any], command: Command[Any], since: float) -> None:
        if done.exception() is not None:
            self._keep(command, since)

    def _keep(self, command: Command[Any], since: float) -> None:
        if not command.repeatable:
            logger.error("a write to redis was lost")
            return
        self._backlog.append((command, since))
        if self._probe is None:
            loop = asyncio.get_running_loop()
            self._probe = loop.call_later(max(self._cool_down_s, SOON_S), self._probe_now)

    def _probe_now(self) -> None:
        """Without new commands nobody else would find out that Redis is back."""
        self._probe = None
        if self._backlog:
            future = self._enqueue(PING)
            future.add_done_callback(self._probed)

    def _probed(self, done: asyncio.Future[Any]) -> None:
        if done.exception() is not None and self._backlog:
            self._keep(*self._backlog.popleft())


def _fail(batch: Iterable[_Waiting]) -> None:
    for waiting in batch:
        if not waiting.future.done():
            waiting.future.set_exception(BackendFailed(UNAVAILABLE))
            waiting.future.exception()  # a caller who left need not hear of it


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
