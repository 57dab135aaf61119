"""Fair queueing of requests by tenant, under an adaptive concurrency limit.

    arrives ──▶ runs ──▶ leaves
       │         ▲ next: the waiting tenant that used the fewest tokens
       ├──▶ waits┘
       └──▶ is refused at once: the tenant has its share of the queue

Up to `OverloadSettings.least` requests always run, however long that takes. A refusal begins an overload,
which ends once nobody was refused for `OVERLOAD_S`. During an overload, `AdaptiveLimit` limits the
slots, so that accepted requests stay about as fast as without load, and the queue shrinks in proportion.

HAProxy refuses requests of overloaded tenants on behalf of this queue, which is cheaper. It reports that
(`refused_at_edge`), and learns from each response how much `room` the tenant has.

No tenant can take all slots, so a new tenant runs at once. The more tenants wait, the smaller the share
of the queue that each can take. The first request of a tenant may use the whole queue.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from genai.access.adaptive import UNLOADED, AdaptiveLimit
from genai.access.load import Load
from genai.errors import Overloaded
from genai.settings.access import OverloadSettings

RESERVED = 16
"""One slot in so many is not for the tenant that has all the others."""

SMOOTHING = 0.1

LEAST = 1
"""Slots during an overload at least, and requests that may wait, in each process: several processes may
share the processors."""

SLACK = 2.0
"""Factor for the slots while HAProxy limits the requests of all processes together."""

OVERLOAD_S = 3.0
"""An overload ends when nobody was refused for so long."""


@dataclass(slots=True)
class _Tenant:
    """The requests of one tenant. ``tokens`` are those used since it arrived, ``estimated`` the part of
    them that is not settled yet.

    A new tenant starts with the lowest settled tokens of all tenants here. ``served`` orders tenants with
    equal tokens: the one that was served longest ago goes first.
    """

    tokens: float
    estimated: int = 0
    served: int = 0
    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Slot:
    """Permission to run. Must be released, however the request ended."""

    def __init__(
        self, release: Callable[[int | None, bool], None], first_part: Callable[[], None]
    ) -> None:
        self._release: Callable[[int | None, bool], None] | None = release
        self._first_part = first_part

    def first_part(self) -> None:
        """Record the time to the first part of a stream: the rest also depends on the caller's speed."""
        self._first_part()

    def release(self, tokens: int | None, *, measured: bool = False) -> None:
        """Free the slot; ``tokens`` were used, by the estimate if None. A second call does nothing.

        ``measured``: the time until now counts as latency, because the caller's speed did not matter.
        """
        if self._release is not None:
            self._release(tokens, measured)
            self._release = None


class FairQueue:
    """The queue of one process. Not thread-safe."""

    def __init__(
        self, settings: OverloadSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least = min(settings.least, settings.running)
        self._limit = AdaptiveLimit(
            least=LEAST, most=settings.running, first=self._least, clock=clock
        )
        self._overload_ends = self._edge_limits_until = -math.inf
        self._settings = settings
        self._clock = clock
        self._load = Load(clock)
        self._tenants: dict[str, _Tenant] = {}
        self._running = 0
        self._waiting = 0
        self._served = 0
        self._seconds = 1.0

    @property
    def _slots(self) -> int:
        limit = self._limit.value
        if not self._is_overloaded:
            return max(math.ceil(limit), self._least)
        return math.ceil(SLACK * limit if self._clock() < self._edge_limits_until else limit)

    @property
    def _is_overloaded(self) -> bool:
        return self._clock() < self._overload_ends

    @property
    def _most_per_tenant(self) -> int:
        return self._slots - self._slots // RESERVED

    @property
    def _most_waiting(self) -> int:
        share = self._settings.waiting * self._slots // self._settings.running
        return min(self._settings.waiting, max(LEAST, share))

    def refused_at_edge(self) -> None:
        """Record that HAProxy refused a request on behalf of this queue.

        There are `SLACK` slots then, because HAProxy limits the requests of all processes together and
        does not distribute them evenly.
        """
        self._begin_overload()
        self._edge_limits_until = self._overload_ends

    def _begin_overload(self) -> None:
        self._overload_ends = self._clock() + OVERLOAD_S

    def room(self, tenant: str) -> float | None:
        """How many requests of the tenant may be here during an overload: the slots that others leave, at
        least the tenant's share. None without an overload.

        Fractional, because the rooms of several processes are added up.
        """
        if not self._is_overloaded:
            return None
        slots, own = self._limit.value, self._tenants.get(tenant)
        others = [one for one in self._tenants.values() if one is not own]
        left = slots - sum(one.running + len(one.waiting) for one in others)
        return max(LEAST, left, slots / (len(others) + 1))

    async def async_enter(self, tenant: str, tokens: int, kind: str = "") -> Slot:
        """A slot, at once or after waiting. Raises `Overloaded` at once if there is no room.

        ``tokens`` is an estimate. Latencies are compared among requests of the same ``kind`` with a
        similar number of tokens.
        """
        state, arrived, stay = self._tenant(tenant), self._clock(), self._load.enter()
        try:
            if not self._can_run(state):
                await self._wait(tenant, state)
            else:
                self._take(state)
        except BaseException:
            stay.end()
            raise
        state.tokens += tokens
        state.estimated += tokens
        began, was_normal = self._clock(), not self._is_overloaded

        def measure(kind: str, actual: int, concurrency: float) -> None:
            unloaded = was_normal and not self._is_overloaded and concurrency <= UNLOADED
            seconds = self._clock() - arrived
            self._limit.finished(kind, actual, seconds, concurrency, unloaded=unloaded)

        def release(actual: int | None, measured: bool) -> None:
            concurrency = stay.end()
            if measured and actual:
                measure(kind, actual, concurrency)
            state.estimated -= tokens
            state.tokens += 0 if actual is None else actual - tokens
            self._seconds += SMOOTHING * (self._clock() - began - self._seconds)
            self._free(tenant, state)

        return Slot(release, lambda: measure(f"{kind}: first part", tokens, stay.so_far()))

    def _tenant(self, tenant: str) -> _Tenant:
        state = self._tenants.get(tenant)
        if state is None:
            used = (other.tokens - other.estimated for other in self._tenants.values())
            least = min(used, default=0.0)
            state = self._tenants[tenant] = _Tenant(least)
        return state

    def _can_run(self, state: _Tenant) -> bool:
        """Whether a new request of the tenant runs at once. Earlier ones that wait go first."""
        return (
            self._running < self._slots
            and state.running < self._most_per_tenant
            and not state.waiting
        )

    def _take(self, state: _Tenant) -> None:
        state.running += 1
        self._running += 1
        self._served += 1
        state.served = self._served

    async def _wait(self, tenant: str, state: _Tenant) -> None:
        """Wait until a slot was taken for the request."""
        self._refuse_if_full(tenant, state)
        turn = asyncio.get_running_loop().create_future()
        state.waiting.append(turn)
        self._waiting += 1
        try:
            await turn
        except Overloaded:
            self._forget_if_idle(tenant, state)
            raise
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free(tenant, state)
            else:
                state.waiting.remove(turn)
                self._waiting -= 1
                self._forget_if_idle(tenant, state)
            raise

    def _refuse_if_full(self, tenant: str, state: _Tenant) -> None:
        if not (state.running or state.waiting) and self._waiting < self._settings.waiting:
            return  # the first request of a tenant may use the whole queue
        others = sum(1 for other in self._tenants.values() if other.waiting and other is not state)
        share = max(1, self._most_waiting // (others + 2))
        if len(state.waiting) >= share or self._waiting >= self._most_waiting:
            self._forget_if_idle(tenant, state)
            self._begin_overload()
            error = self._refusal()
            self._shrink_queue()
            raise error

    def _refusal(self) -> Overloaded:
        error = Overloaded("too many requests are waiting")
        error.retry_after_s = self._seconds * (1 + self._waiting / self._slots)
        return error

    def _shrink_queue(self) -> None:
        """Refuse waiting requests beyond the limit that an overload sets, the last of the longest first."""
        while self._waiting > self._most_waiting:
            longest = max(self._tenants.values(), key=lambda one: len(one.waiting))
            if len(longest.waiting) <= 1:
                return
            turn = longest.waiting.pop()
            self._waiting -= 1
            if not turn.done():
                turn.set_exception(self._refusal())

    def _free(self, tenant: str, state: _Tenant) -> None:
        state.running -= 1
        self._running -= 1
        self._forget_if_idle(tenant, state)
        self._start_waiting()

    def _start_waiting(self) -> None:
        while self._running < self._slots:
            able = [
                one
                for one in self._tenants.values()
                if one.waiting and one.running < self._most_per_tenant
            ]
            if not able:
                return
            least = min(able, key=lambda one: (one.tokens, one.served))
            turn = least.waiting.popleft()
            self._waiting -= 1
            if not turn.done():
                self._take(least)
                turn.set_result(None)

    def _forget_if_idle(self, tenant: str, state: _Tenant) -> None:
        if not (state.running or state.waiting):
            self._tenants.pop(tenant, None)
