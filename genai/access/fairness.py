"""Fair queueing of requests by tenant, user and key, under an adaptive concurrency limit.

    arrives ──▶ runs ──▶ leaves
       │         ▲ next: the tenant with the fewest tokens, of that the user, of that the key (`flows`)
       ├──▶ waits┘
       └──▶ is refused at once: the tenant has its share of the queue, and no key of it a longer queue

Up to `OverloadSettings.least` requests always run, however long that takes. A refusal begins an overload,
which ends once nobody was refused for `OVERLOAD_S`. During an overload, `AdaptiveLimit` limits the
slots, so that accepted requests stay about as fast as without load, and the queue shrinks in proportion.

HAProxy refuses requests of keys that flood on behalf of this queue, which is cheaper. It reports that
(`refused_at_edge`), and learns from each response how much `room` the key has.

No tenant can take all slots, so a new tenant runs at once. The more tenants wait, the smaller the share
of the queue that each can take. The first request of a tenant may use the whole queue. Where a tenant has
its share, the newest request of its largest flow is refused: the one that arrives, unless another user
or key has more requests here, or as many and has lately used more tokens.
"""

import asyncio
import math
import time
from collections.abc import Callable

from genai.access.adaptive import UNLOADED, AdaptiveLimit
from genai.access.flows import Flow, Flows, Path
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


Turn = asyncio.Future[Overloaded | None]
"""Of a waiting request: the refusal, or None once it runs."""


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
        self._flows: Flows[Turn] = Flows()
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

    def room(self, path: Path) -> float | None:
        """How many requests of the key may be here during an overload: at each level the places that its
        siblings leave, at least its share. None without an overload.

        Fractional, because the rooms of several processes are added up.
        """
        if not self._is_overloaded:
            return None
        room, parent = self._limit.value, self._flows.root
        for name in path:
            own = parent.children.get(name) or Flow()
            others = len(parent.children) - (name in parent.children)
            room = max(room - (parent.here - own.here), room / (others + 1))
            parent = own
        return room

    async def async_enter(self, path: Path, tokens: int, kind: str = "") -> Slot:
        """A slot, at once or after waiting. Raises `Overloaded` at once if there is no room.

        ``path`` names the tenant, the user and the key. ``tokens`` is an estimate. Latencies are compared
        among requests of the same ``kind`` with a similar number of tokens.
        """
        arrived, stay = self._clock(), self._load.enter()
        try:
            flow = await self._turn(path, tokens)
        except BaseException:
            stay.end()
            raise
        began, was_normal = self._clock(), not self._is_overloaded

        def measure(kind: str, actual: int, concurrency: float) -> None:
            unloaded = was_normal and not self._is_overloaded and concurrency <= UNLOADED
            seconds = self._clock() - arrived
            self._limit.finished(kind, actual, seconds, concurrency, unloaded=unloaded)

        def release(actual: int | None, measured: bool) -> None:
            concurrency = stay.end()
            if measured and actual:
                measure(kind, actual, concurrency)
            self._seconds += SMOOTHING * (self._clock() - began - self._seconds)
            self._end(flow, tokens, tokens if actual is None else actual)

        return Slot(release, lambda: measure(f"{kind}: first part", tokens, stay.so_far()))

    async def _turn(self, path: Path, tokens: int) -> Flow[Turn]:
        """The flow, once a request of it runs."""
        flow = self._flows.find(path)
        if self._runs_at_once(flow):
            self._flows.begin(flow, tokens)
            return flow
        turn: Turn = asyncio.get_running_loop().create_future()
        self._flows.wait(flow, turn, tokens)
        self._begin_waiting()
        if not turn.done():
            self._refuse_surplus(flow)
        try:
            refusal = await turn
        except asyncio.CancelledError:
            self._flows.leave(flow, turn)
            if turn.done() and not turn.cancelled() and turn.result() is None:
                self._end(flow, tokens, 0)
            raise
        if refusal is not None:
            raise refusal
        return flow

    def _runs_at_once(self, flow: Flow[Turn]) -> bool:
        root = self._flows.root
        return (
            not root.waiting
            and root.running < self._slots
            and _tenant_of(flow).running < self._most_per_tenant
        )

    def _begin_waiting(self) -> None:
        while self._flows.root.running < self._slots:
            begun = self._flows.begin_next(self._most_per_tenant)
            if begun is None:
                return
            flow, turn, tokens = begun
            if turn.done():  # its request was cancelled
                self._flows.end(flow, tokens, 0)
            else:
                turn.set_result(None)

    def _end(self, flow: Flow[Turn], estimated: int, used: int) -> None:
        self._flows.end(flow, estimated, used)
        self._begin_waiting()

    def _refuse_surplus(self, arrival: Flow[Turn]) -> None:
        """Refuse a request if one too many waits since the arrival."""
        crowd = self._crowd(_tenant_of(arrival))
        if crowd is None:
            return
        self._begin_overload()
        self._refuse_newest(crowd, arrival)
        while self._flows.root.waiting > self._most_waiting:
            longest = self._flows.root.largest_child()
            if longest is None or longest.waiting <= 1:
                return
            self._refuse_newest(longest)

    def _crowd(self, tenant: Flow[Turn]) -> Flow[Turn] | None:
        """The tenant of which a request must leave after an arrival of ``tenant``; None if nobody must."""
        root, most = self._flows.root, self._most_waiting
        if tenant.here == 1:
            most = self._settings.waiting  # the first request of a tenant may use the whole queue
        elif tenant.waiting > max(1, most // (root.waiting_children + 1)):
            return tenant
        if root.waiting <= most:
            return None
        longest = root.largest_child()
        return longest if longest and longest.waiting > tenant.waiting else tenant

    def _refuse_newest(self, crowd: Flow[Turn], arrival: Flow[Turn] | None = None) -> None:
        turn = self._flows.drop(crowd, arrival)
        if not turn.done():
            turn.set_result(self._refusal())

    def _refusal(self) -> Overloaded:
        error = Overloaded("too many requests are waiting")
        error.retry_after_s = self._seconds * (1 + self._flows.root.waiting / self._slots)
        return error


def _tenant_of(flow: Flow[Turn]) -> Flow[Turn]:
    *_, (tenant, _) = flow.lineage()
    return tenant
