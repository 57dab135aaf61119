"""Hierarchical fair queueing: whose request runs next, and whose leaves when too many wait.

                 root
          ┌───────┴───────┐
         acme           other          tenants
      ┌───┴───┐           │
     ada     bob         eve           users
    ┌─┴─┐     │           │
   k1   k2    k3          k4           keys, whose requests wait in the order of their arrival

Each flow, be it a tenant, a user or a key, shares what its parent gets equally with its siblings: the one
that used the fewest tokens is next. So a user gets no more by having many keys, and a tenant no more by
having many users.

The algorithm is start-time fair queueing (Goyal, Vin, Cheng 1996) at each level (Goyal, Guo, Vin: "A
Hierarchical CPU Scheduler for Multimedia Operating Systems", 1996), with several requests in service (Jin,
Chase, Kaur: "Interposed Proportional Sharing for a Storage Service Utility", 2004). The request to leave is
chosen by longest queue drop (Suter et al.: "Design Considerations for Supporting TCP with Per-flow
Queueing", 1998).
"""

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from genai.access.updatable_heap import UpdatableHeap

T = TypeVar("T")

Path = tuple[str, ...]

NEVER = -math.inf
"""The recent tokens, as a logarithm, of a flow without any."""

DECAY = 64
"""Recent tokens weigh a third after so many other requests."""

DEBTS = 256
"""Of so many absent children each flow remembers what they used."""

REMEMBERED = 2048
"""Of so many absent flows the recent tokens are remembered."""


class Flow(Generic[T]):
    """A tenant, a user or a key that has requests here, or the root of all.

    ``used`` are its settled tokens, ``estimated`` those of its running requests. ``served`` orders flows
    with equal tokens: the one that was served longest ago goes first. ``recent`` is the logarithm of its
    tokens, of which the older weigh less; the weights grow with time, so that it need not be updated.

    ``virtual`` is the virtual time of its children: the tokens that the last one to be served had used. No
    child begins with less, so that absence earns no credit. What one that leaves had used is a debt.
    """

    def __init__(
        self, path: Path = (), parent: "Flow[T] | None" = None, recent: float = NEVER
    ) -> None:
        self.virtual = 0.0
        self.path = path
        self.parent = parent
        self.recent = recent
        self.used = 0.0 if parent is None else parent.debts.pop(path, 0.0)
        self.estimated = self.served = self.running = self.waiting = 0
        self.queue: OrderedDict[T, int] = OrderedDict()
        self.children: dict[str, Flow[T]] = {}
        self._next: UpdatableHeap[Flow[T]] = UpdatableHeap()
        self._largest: UpdatableHeap[Flow[T]] = UpdatableHeap()
        self.debts: OrderedDict[Path, float] = OrderedDict()

    @property
    def here(self) -> int:
        """Its requests, running and waiting."""
        return self.running + self.waiting

    @property
    def waiting_children(self) -> int:
        return len(self._next)

    def lineage(self) -> "Iterator[tuple[Flow[T], Flow[T]]]":
        """Itself and its parent, its parent and grandparent, ... up to the root."""
        flow = self
        while flow.parent is not None:
            yield flow, flow.parent
            flow = flow.parent

    @property
    def size(self) -> tuple[int, int, float]:
        """Of the largest flow, a request must leave first: of that with most waiting, then with most running,
        then with most recent tokens. Those outlast absence, as only they tell who seldom asks.
        """
        return self.waiting, self.running, self.recent

    def add(self, tokens: int, served: int) -> None:
        """Settle tokens, when so many requests have been served in total."""
        self.used += tokens
        self.recent = _log_of_sum(self.recent, math.log(max(1, tokens)) + served / DECAY)

    def catch_up(self, virtual: float) -> None:
        """It did not wait until now, which earns no credit either."""
        self.used = max(self.used, virtual - self.estimated)

    def child_changed(self, child: "Flow[T]") -> None:
        if not child.here:
            self._forget(child)
        if child.waiting:
            self._next.set(child, child.used + child.estimated, child.served)
            self._largest.set(child, *(-part for part in child.size))
        else:
            self._next.discard(child)
            self._largest.discard(child)

    def next_child(self, most_running: int | None = None) -> "Flow[T] | None":
        """The waiting child to be served next. At most one child may have reached ``most_running``."""
        first = self._next.first()
        if first is None or most_running is None or first.running < most_running:
            return first
        self._next.discard(first)
        second = self._next.first()
        self.child_changed(first)
        return second

    def largest_child(self) -> "Flow[T] | None":
        """Of the children that wait."""
        return self._largest.first()

    def advance(self, virtual: float) -> None:
        self.virtual = max(self.virtual, virtual)

    def _forget(self, child: "Flow[T]") -> None:
        del self.children[child.path[-1]]
        if child.used > self.virtual:
            self.debts[child.path] = child.used
            if len(self.debts) > DEBTS:
                self.debts.popitem(last=False)


class Flows(Generic[T]):
    """All requests, running and waiting. ``T`` identifies a waiting request."""

    def __init__(self) -> None:
        self.root: Flow[T] = Flow()
        self.recent: OrderedDict[Path, float] = OrderedDict()
        self._served = 0

    def find(self, path: Path) -> Flow[T]:
        """The flow. A new one must get a request at once."""
        flow = self.root
        for depth, name in enumerate(path, 1):
            if name not in flow.children:
                recent = self.recent.get(path[:depth], NEVER)
                flow.children[name] = Flow(path[:depth], flow, recent)
            flow = flow.children[name]
        return flow

    def wait(self, flow: Flow[T], request: T, tokens: int) -> None:
        """A request waits. ``tokens`` is an estimate."""
        flow.queue[request] = tokens
        self.root.waiting += 1
        for one, parent in flow.lineage():
            if not one.waiting:
                one.catch_up(parent.virtual)
            one.waiting += 1
            parent.child_changed(one)

    def begin_next(self, most_running: int) -> tuple[Flow[T], T, int] | None:
        """The next request begins to run: its flow, itself and its tokens. None if nobody waits, or
        only a tenant of which ``most_running`` requests are running.
        """
        flow = self.root.next_child(most_running)
        while flow is not None and not flow.queue:
            flow = flow.next_child()
        if flow is None:
            return None
        request, tokens = flow.queue.popitem(last=False)
        self.root.waiting -= 1
        self._run(flow, tokens, waited=1)
        return flow, request, tokens

    def begin(self, flow: Flow[T], tokens: int) -> None:
        """A request runs at once. Nobody may be waiting."""
        for one, parent in flow.lineage():
            one.catch_up(parent.virtual)
        self._run(flow, tokens, waited=0)

    def _run(self, flow: Flow[T], tokens: int, *, waited: int) -> None:
        self._served += 1
        self.root.running += 1
        for one, parent in flow.lineage():
            parent.advance(one.used)
            one.waiting -= waited
            one.running += 1
            one.estimated += tokens
            one.served = self._served
            parent.child_changed(one)

    def end(self, flow: Flow[T], estimated: int, used: int) -> None:
        """A running request ended.

        If its flow leaves, the virtual time advances for those who stay. Otherwise one that was served
        before would wait for ever while others come for the first time.
        """
        self.root.running -= 1
        for one, parent in flow.lineage():
            one.running -= 1
            one.estimated -= estimated
            one.add(used, self._served)
            if not one.here:
                parent.advance(parent.virtual + used / len(parent.children))
                self._remember(one)
            parent.child_changed(one)
        self._forget_debts_if_idle()

    def leave(self, flow: Flow[T], request: T) -> None:
        """A request waits no longer. Does nothing if it did not wait."""
        if flow.queue.pop(request, None) is None:
            return
        self.root.waiting -= 1
        for one, parent in flow.lineage():
            one.waiting -= 1
            parent.child_changed(one)
        self._forget_debts_if_idle()

    def drop(self, crowd: Flow[T], arrival: Flow[T] | None = None) -> T:
        """Remove the newest request of the largest flow within the crowd, where somebody must wait.

        ``arrival`` is the flow of the newest request of all: of equally large ones, that one loses it.
        """
        arriving = set() if arrival is None else {one for one, _ in arrival.lineage()}
        flow = crowd
        while not flow.queue:
            flow = _largest_child(flow, arriving)
        request = next(reversed(flow.queue))
        self.leave(flow, request)
        return request

    def _remember(self, flow: Flow[T]) -> None:
        self.recent[flow.path] = flow.recent
        self.recent.move_to_end(flow.path)
        if len(self.recent) > REMEMBERED:
            self.recent.popitem(last=False)

    def _forget_debts_if_idle(self) -> None:
        if not self.root.here:
            self.root = Flow()


def _largest_child(flow: Flow[T], arriving: set[Flow[T]]) -> Flow[T]:
    largest = flow.largest_child()
    assert largest is not None
    equal = (one for one in arriving if one.parent is flow and one.size == largest.size)
    return next(equal, largest)


def _log_of_sum(one: float, other: float) -> float:
    """The logarithm of the sum, of two logarithms."""
    low, high = sorted((one, other))
    return high + math.log1p(math.exp(low - high))
