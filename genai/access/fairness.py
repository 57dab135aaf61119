"""Who runs and who waits when there is more work than this process can do at once.

    arrives ──▶ runs ──▶ leaves
       │         ▲ the waiting tenant that has used the fewest tokens
       ├──▶ waits┘
       └──▶ is refused at once: the tenant has its share of the queue

A crowd all runs, however long that takes: who waits has not failed. When more come than a crowd, so that
somebody must be refused, it is a flood, until nobody was refused for a while. Then there are only as
many places as the work bears, see `AdaptiveLimit`, so that those who are let in are answered as in calm
times. With fewer places, fewer may wait.

An edge may refuse on behalf of this queue, so that refusing costs next to nothing: it says that it does
(`flooded`), and is told after each answer for how many at once there is `room`.

No tenant takes all places, so a newcomer finds one at once however much others ask for; and the more
tenants wait, the smaller the part of the queue that one may fill. With one place, too, a newcomer may wait.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from genai.access.adaptive import CALM, AdaptiveLimit
from genai.access.load import Load
from genai.errors import Overloaded
from genai.settings.access import OverloadSettings

KEPT_FREE = 16
"""One place in so many is not for the tenant that has all the others."""

SMOOTHING = 0.1

LEAST = 1
"""Places in a flood, whatever the work seems to bear, and as many that may wait: of each process, and
several of them may have to share who does the work."""

SLACK = 2.0
"""So many times as many find a place where an edge sees to it that there are no more in all."""

FLOOD_S = 3.0
"""Without a refusal, after which a flood is over."""


@dataclass(slots=True)
class _Tenant:
    """``tokens`` is what it used since it came, ``held`` the part of it that is only estimated.

    Who comes starts with the least that was really used by one of those here.

    ``served`` numbers the last time it was: among equals the one goes first that waited longer.
    """

    tokens: float
    held: int = 0
    served: int = 0
    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Place:
    """The right to run. Must be left, however the request ended; a second time does nothing."""

    def __init__(
        self, leave: Callable[[int | None, bool], None], begin: Callable[[], None]
    ) -> None:
        self._leave: Callable[[int | None, bool], None] | None = leave
        self._begin = begin

    def begin(self) -> None:
        """The first part of a stream is there. How long the rest takes is up to the caller, too."""
        self._begin()

    def leave(self, tokens: int | None, *, telling: bool = False) -> None:
        """Make room; ``tokens`` were used, and None says that the estimate must do.

        ``telling`` is how long an answer took that no caller could have slowed down.
        """
        if self._leave is not None:
            self._leave(tokens, telling)
            self._leave = None


class FairQueue:
    """Belongs to one event loop."""

    def __init__(
        self, settings: OverloadSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._crowd = min(settings.least, settings.running)
        self._limit = AdaptiveLimit(
            least=LEAST, most=settings.running, first=self._crowd, clock=clock
        )
        self._flood_ends = self._edge_refuses_until = -math.inf
        self._settings = settings
        self._clock = clock
        self._load = Load(clock)
        self._tenants: dict[str, _Tenant] = {}
        self._running = 0
        self._waiting = 0
        self._served = 0
        self._seconds = 1.0

    @property
    def _places(self) -> int:
        limit = self._limit.value
        if not self._is_flood:
            return max(math.ceil(limit), self._crowd)
        return math.ceil(SLACK * limit if self._clock() < self._edge_refuses_until else limit)

    @property
    def _is_flood(self) -> bool:
        return self._clock() < self._flood_ends

    @property
    def _most_of_one(self) -> int:
        return self._places - self._places // KEPT_FREE

    @property
    def _most_waiting(self) -> int:
        share = self._settings.waiting * self._places // self._settings.running
        return min(self._settings.waiting, max(LEAST, share))

    def flooded(self) -> None:
        """Somebody was refused on behalf of this queue.

        Who was let in then need not wait: the edge lets in as many as there is room for in all processes,
        and hardly ever the same number into each.
        """
        self._flood_began()
        self._edge_refuses_until = self._flood_ends

    def _flood_began(self) -> None:
        self._flood_ends = self._clock() + FLOOD_S

    def room(self, tenant: str) -> float | None:
        """How many requests of the tenant find a place in a flood: what others leave it, and at least
        its share. None when there is no flood.

        Not a whole number: several processes have room for five when each has for two and a half.
        """
        if not self._is_flood:
            return None
        places, own = self._limit.value, self._tenants.get(tenant)
        others = [one for one in self._tenants.values() if one is not own]
        left = places - sum(one.running + len(one.waiting) for one in others)
        return max(LEAST, left, places / (len(others) + 1))

    async def async_enter(self, tenant: str, tokens: int, kind: str = "") -> Place:
        """A place, at once or after others. Raises `Overloaded` at once when there is no room.

        Requests of a ``kind`` with as many tokens take as long, when there is nothing else to do.
        """
        known, came, stay = self._arrived(tenant), self._clock(), self._load.enter()
        try:
            if not self._may_run(known):
                await self._wait(tenant, known)
            else:
                self._take(known)
        except BaseException:
            stay.end()
            raise
        known.tokens += tokens
        known.held += tokens
        began, was_calm = self._clock(), not self._is_flood

        def tell(kind: str, actual: int, at_once: float) -> None:
            calm = was_calm and not self._is_flood and at_once <= CALM
            self._limit.finished(kind, actual, self._clock() - came, at_once, calm=calm)

        def leave(actual: int | None, telling: bool) -> None:
            at_once = stay.end()
            if telling and actual:
                tell(kind, actual, at_once)
            known.held -= tokens
            known.tokens += 0 if actual is None else actual - tokens
            self._seconds += SMOOTHING * (self._clock() - began - self._seconds)
            self._give_up(tenant, known)

        return Place(leave, lambda: tell(f"{kind}: first part", tokens, stay.so_far()))

    def _arrived(self, tenant: str) -> _Tenant:
        known = self._tenants.get(tenant)
        if known is None:
            used = (other.tokens - other.held for other in self._tenants.values())
            least = min(used, default=0.0)
            known = self._tenants[tenant] = _Tenant(least)
        return known

    def _may_run(self, known: _Tenant) -> bool:
        """Its own earlier requests go first; so do those of others who may run and have not yet."""
        return (
            self._running < self._places and known.running < self._most_of_one and not known.waiting
        )

    def _take(self, known: _Tenant) -> None:
        known.running += 1
        self._running += 1
        self._served += 1
        known.served = self._served

    async def _wait(self, tenant: str, known: _Tenant) -> None:
        """Until a place was taken for it."""
        self._refuse_if_full(tenant, known)
        turn = asyncio.get_running_loop().create_future()
        known.waiting.append(turn)
        self._waiting += 1
        try:
            await turn
        except Overloaded:
            self._forget_if_gone(tenant, known)
            raise
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_up(tenant, known)
            else:
                known.waiting.remove(turn)
                self._waiting -= 1
                self._forget_if_gone(tenant, known)
            raise

    def _refuse_if_full(self, tenant: str, known: _Tenant) -> None:
        if not (known.running or known.waiting) and self._waiting < self._settings.waiting:
            return  # whoever has nothing may always wait for a first place
        others = sum(1 for other in self._tenants.values() if other.waiting and other is not known)
        share = max(1, self._most_waiting // (others + 2))
        if len(known.waiting) >= share or self._waiting >= self._most_waiting:
            self._forget_if_gone(tenant, known)
            self._flood_began()
            error = self._refusal()
            self._refuse_the_last()
            raise error

    def _refusal(self) -> Overloaded:
        error = Overloaded("too many requests are waiting")
        error.retry_after_s = self._seconds * (1 + self._waiting / self._places)
        return error

    def _refuse_the_last(self) -> None:
        """A flood has begun: who waits behind more than may wait now would wait in vain."""
        while self._waiting > self._most_waiting:
            longest = max(self._tenants.values(), key=lambda one: len(one.waiting))
            if len(longest.waiting) <= 1:
                return
            turn = longest.waiting.pop()
            self._waiting -= 1
            if not turn.done():
                turn.set_exception(self._refusal())

    def _give_up(self, tenant: str, known: _Tenant) -> None:
        known.running -= 1
        self._running -= 1
        self._forget_if_gone(tenant, known)
        self._call_next()

    def _call_next(self) -> None:
        while self._running < self._places:
            able = [
                one
                for one in self._tenants.values()
                if one.waiting and one.running < self._most_of_one
            ]
            if not able:
                return
            least = min(able, key=lambda one: (one.tokens, one.served))
            turn = least.waiting.popleft()
            self._waiting -= 1
            if not turn.done():
                self._take(least)
                turn.set_result(None)

    def _forget_if_gone(self, tenant: str, known: _Tenant) -> None:
        if not (known.running or known.waiting):
            self._tenants.pop(tenant, None)
