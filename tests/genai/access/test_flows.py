"""Properties of fair queueing, whatever the flows do."""

from collections import Counter, deque
from itertools import combinations, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from genai.access.flows import DEBTS, DECAY, REMEMBERED, Flow, Flows, Path

MOST = 100
"""Tokens of a request."""

UNLIMITED = 10**9

TOKENS = st.integers(1, MOST)
PATHS = [
    (tenant, f"{tenant}-{user}", f"{tenant}-{user}-{key}")
    for tenant in ("acme", "other")
    for user in ("ada", "bob")
    for key in ("k1", "k2", "k3")
]


class Service:
    """Serves ``slots`` requests at a time. ``got`` are the tokens of each flow since the start."""

    def __init__(self, slots: int = 1) -> None:
        self.flows: Flows[int] = Flows()
        self.slots = slots
        self.got: Counter[Path] = Counter()
        self.running: deque[tuple[Flow[int], int, int]] = deque()
        self.actual: dict[int, int] = {}
        self.paths: dict[int, Path] = {}
        self.numbers = count()

    def ask(self, path: Path, estimated: int, actual: int | None = None) -> int:
        number = next(self.numbers)
        self.actual[number] = estimated if actual is None else actual
        self.paths[number] = path
        self.flows.wait(self.flows.find(path), number, estimated)
        return number

    def serve(self) -> int | None:
        """End the oldest running request if all slots are taken, and begin the next."""
        if len(self.running) == self.slots:
            self.end()
        begun = self.flows.begin_next(UNLIMITED)
        if begun is None:
            return None
        flow, number, estimated = begun
        self.running.append((flow, estimated, self.actual[number]))
        for depth in range(1, 4):
            self.got[self.paths[number][:depth]] += self.actual[number]
        return number

    def end(self) -> None:
        self.flows.end(*self.running.popleft())


def assert_fair(service: Service, paths: list[Path], within: float) -> None:
    """Siblings got about the same."""
    flows = {path[:depth] for path in paths for depth in (1, 2, 3)}
    for one, other in combinations(sorted(flows), 2):
        if len(one) == len(other) and one[:-1] == other[:-1]:
            assert abs(service.got[one] - service.got[other]) <= within, (one, other)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PATHS), min_size=2, unique=True),
    st.lists(TOKENS, min_size=len(PATHS), max_size=len(PATHS)),
    st.integers(1, 5),
)
def test_flows_that_always_wait_share_equally_at_each_level_whatever_their_requests_need(
    paths: list[Path], tokens: list[int], slots: int
) -> None:
    service = Service(slots)
    size: dict[Path, int] = dict(zip(PATHS, tokens, strict=True))
    for path in paths * 2:
        service.ask(path, size[path])

    for _ in range(300):
        served = service.serve()
        assert served is not None
        path = service.paths[served]
        service.ask(path, size[path])

        assert_fair(service, paths, within=2 * MOST)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(PATHS), min_size=2, unique=True),
    st.lists(TOKENS, min_size=len(PATHS), max_size=len(PATHS)),
    st.integers(1, 5),
)
def test_shares_are_of_the_tokens_really_used_however_wrong_the_estimates_are(
    paths: list[Path], tokens: list[int], slots: int
) -> None:
    service = Service(slots)
    actual: dict[Path, int] = dict(zip(PATHS, tokens, strict=True))
    for path in paths * 6:
        service.ask(path, MOST, actual[path])

    for _ in range(500):
        served = service.serve()
        assert served is not None
        path = service.paths[served]
        service.ask(path, MOST, actual[path])

    assert_fair(service, paths, within=(slots + 1) * MOST)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PATHS), TOKENS, TOKENS, st.booleans()), max_size=60),
    st.lists(st.tuples(st.sampled_from(PATHS), TOKENS, TOKENS), min_size=1, max_size=6),
    st.sampled_from([("new",) * 3, ("acme", "new", "new"), ("acme", "acme-ada", "new")]),
    st.integers(1, 4),
)
def test_a_newcomer_waits_for_no_more_than_two_requests_of_each_sibling(
    before: list[tuple[Path, int, int, bool]],
    flood: list[tuple[Path, int, int]],
    newcomer: Path,
    slots: int,
) -> None:
    """A new tenant, a new user of a tenant, a new key of a user: whatever happened before, and however
    much the others ask meanwhile."""
    service = Service(slots)
    for path, estimated, actual, serves in before:
        service.ask(path, estimated, actual)
        if serves:
            service.serve()
    for path, estimated, actual in flood:
        service.ask(path, estimated, actual)
    quiet = service.ask(newcomer, MOST)
    depth = next(level for level in (1, 2, 3) if newcomer[level - 1] == "new")

    got: Counter[str] = Counter()
    for served in iter(service.serve, quiet):
        assert served is not None
        path = service.paths[served]
        for again, estimated, actual in flood:
            service.ask(again, estimated, actual)
        if path[: depth - 1] == newcomer[: depth - 1]:
            got[path[depth - 1]] += service.actual[served]

    assert all(tokens <= 2 * MOST for tokens in got.values())


def test_a_newcomer_is_next_even_if_the_others_need_much_less_than_estimated() -> None:
    service = Service(slots=5)
    for _ in range(60):
        for user in ("ada", "bob", "eve"):
            service.ask(("acme", user, user), 500, 60)
    for _ in range(90):
        service.serve()
    quiet = service.ask(("acme", "new", "new"), 500)

    assert service.serve() == quiet


def test_who_did_not_wait_has_no_credit_when_it_begins_to() -> None:
    service = Service()
    service.flows.begin(service.flows.find(("acme", "ada", "k")), 10)
    for _ in range(200):
        service.ask(("acme", "bob", "k"), 10)
    for _ in range(100):
        service.serve()
    before = service.got["acme", "bob"]

    for _ in range(100):
        service.ask(("acme", "ada", "k"), 10)
    for _ in range(20):
        service.serve()

    assert service.got["acme", "bob"] - before == service.got["acme", "ada"] == 100


def test_what_still_runs_by_estimate_does_not_delay_who_begins_to_wait() -> None:
    service = Service()
    service.flows.begin(service.flows.find(("acme", "ada", "k")), 100)
    for _ in range(60):
        service.ask(("acme", "bob", "k"), 10)
    for _ in range(50):
        service.serve()

    second = service.ask(("acme", "ada", "k"), 10)

    assert second in (service.serve(), service.serve())


def test_a_user_with_many_keys_gets_no_more_than_one_with_a_single_key() -> None:
    service = Service()
    for number in range(30):
        service.ask(("acme", "ada", f"k{number}"), 10)
        service.ask(("acme", "bob", "k"), 10)

    for _ in range(20):
        service.serve()

    assert service.got["acme", "ada"] == service.got["acme", "bob"] == 100


def test_a_tenant_with_many_users_gets_no_more_than_one_with_a_single_user() -> None:
    service = Service()
    for number in range(30):
        service.ask(("acme", f"u{number}", f"k{number}"), 10)
        service.ask(("other", "eve", "k"), 10)

    for _ in range(20):
        service.serve()

    assert service.got["acme",] == service.got["other",] == 100


def test_a_flow_that_leaves_and_returns_at_once_gets_no_more_than_its_share() -> None:
    service = Service()
    for _ in range(300):
        service.ask(("acme", "ada", "small"), 1)
    service.ask(("acme", "ada", "large"), 100)

    for _ in range(250):
        served = service.serve()
        if served is not None and service.paths[served][2] == "large":
            service.end()
            service.ask(("acme", "ada", "large"), 100)

    assert service.got["acme", "ada", "large"] <= 300


def test_nobody_waits_for_ever_while_others_come_for_the_first_time() -> None:
    service = Service()
    service.ask(("acme", "ada", "again"), 10)
    service.ask(("acme", "ada", "0"), 10)
    service.serve()
    again = service.ask(("acme", "ada", "again"), 10)

    served = []
    for number in range(1, 20):
        service.ask(("acme", "ada", str(number)), 10)
        served.append(service.serve())

    assert again in served


def test_one_tenant_may_have_taken_all_the_slots_that_it_may_take() -> None:
    flows: Flows[int] = Flows()
    flows.begin(flows.find(("acme", "ada", "k1")), 1)
    flows.wait(flows.find(("acme", "ada", "k2")), 1, 1)
    alone = flows.begin_next(1)
    flows.wait(flows.find(("other", "eve", "k4")), 2, 1)

    begun = flows.begin_next(1)

    assert alone is None
    assert begun is not None
    assert begun[1] == 2


def test_the_newest_of_the_longest_queue_leaves() -> None:
    flows: Flows[str] = Flows()
    for number in range(3):
        flows.wait(flows.find(("acme", "ada", "k1")), f"ada {number}", 1)
    for key in ("k2", "k3"):
        for number in range(2):
            flows.wait(flows.find(("acme", "bob", key)), f"bob {key} {number}", 1)

    left = [flows.drop(flows.root) for _ in range(5)]

    assert left == ["bob k2 1", "ada 2", "bob k3 1", "ada 1", "bob k2 0"]


def test_of_equally_long_queues_that_with_more_running_loses_then_that_of_the_arrival() -> None:
    flows: Flows[str] = Flows()
    flows.begin(flows.find(("acme", "ada", "k1")), 1)
    flows.wait(flows.find(("acme", "ada", "k1")), "busy", 1)
    for user in ("bob", "eve"):
        flows.wait(flows.find(("acme", user, user)), user, 1)
    arrival = flows.find(("acme", "eve", "eve"))

    left = [flows.drop(flows.root, arrival) for _ in range(3)]

    assert left == ["busy", "eve", "bob"]


@pytest.mark.parametrize("idle", [False, True])
def test_of_flows_with_as_many_requests_that_loses_which_lately_used_more(idle: bool) -> None:
    """Even if it was served before the other, both left, and nobody was here meanwhile."""
    flows: Flows[str] = Flows()
    if not idle:
        flows.begin(flows.find(("acme", "stays", "k")), 10)
    for user, requests in (("often", 3), ("seldom", 1)):
        for _ in range(requests):
            flow = flows.find(("acme", user, user))
            flows.begin(flow, 10)
            flows.end(flow, 10, 10)
    for user in ("often", "seldom"):
        flows.wait(flows.find(("acme", user, user)), user, 1)

    assert flows.drop(flows.root, flows.find(("acme", "seldom", "seldom"))) == "often"


def test_older_tokens_weigh_less() -> None:
    flows: Flows[str] = Flows()
    for user, requests in (("once", 3), ("other", 3 * DECAY), ("now", 1)):
        for _ in range(requests):
            flow = flows.find(("acme", user, user))
            flows.begin(flow, 10)
            flows.end(flow, 10, 10)
    for user in ("once", "now"):
        flows.wait(flows.find(("acme", user, user)), user, 1)

    assert flows.drop(flows.root) == "now"


def test_requests_that_need_no_tokens_count_nevertheless() -> None:
    flows: Flows[str] = Flows()
    flow = flows.find(("acme", "often", "k"))
    flows.begin(flow, 10)
    flows.end(flow, 10, 0)
    for user in ("often", "new"):
        flows.wait(flows.find(("acme", user, "k")), user, 1)

    assert flows.drop(flows.root, flows.find(("acme", "new", "k"))) == "often"


def test_what_is_remembered_of_the_absent_is_bounded() -> None:
    service = Service()
    for number in range(2 * REMEMBERED):
        service.ask(("acme", "ada", f"k{number}"), MOST)

    for _ in range(REMEMBERED + DEBTS):
        service.serve()

    user = service.flows.root.children["acme"].children["ada"]
    assert len(user.debts) == DEBTS
    assert len(service.flows.recent) <= REMEMBERED
    assert len(user.children) == user.here


class AnySequence(RuleBasedStateMachine):
    """Requests come, run, end, give up and are dropped in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.flows: Flows[int] = Flows()
        self.waiting: dict[Path, list[int]] = {}
        self.running: list[tuple[Path, Flow[int], int]] = []
        self.numbers = count()

    @rule(path=st.sampled_from(PATHS), tokens=TOKENS)
    def come(self, path: Path, tokens: int) -> None:
        number = next(self.numbers)
        self.flows.wait(self.flows.find(path), number, tokens)
        self.waiting.setdefault(path, []).append(number)

    @rule()
    def begin(self) -> None:
        begun = self.flows.begin_next(UNLIMITED)
        if begun is None:
            assert not any(self.waiting.values())
            return
        flow, number, tokens = begun
        path = next(path for path, numbers in self.waiting.items() if number in numbers)
        assert self.waiting[path].pop(0) == number
        self.running.append((path, flow, tokens))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), actual=TOKENS)
    def end(self, data: st.DataObject, actual: int) -> None:
        _, flow, estimated = self.running.pop(
            data.draw(st.integers(0, len(self.running) - 1), label="which")
        )
        self.flows.end(flow, estimated, actual)

    @precondition(lambda self: any(self.waiting.values()))
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from([path for path in PATHS if self.waiting.get(path)]))
        number = data.draw(st.sampled_from(self.waiting[path]))
        self.waiting[path].remove(number)
        flow = self.flows.find(path)
        self.flows.leave(flow, number)
        if self.waiting[path]:
            self.flows.leave(flow, number)

    @precondition(lambda self: any(self.waiting.values()))
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        arrivals = [None, *(path for path in PATHS if self.waiting.get(path))]
        arrival = data.draw(st.sampled_from(arrivals))
        number = self.flows.drop(self.flows.root, arrival and self.flows.find(arrival))
        path = next(path for path, numbers in self.waiting.items() if number in numbers)
        assert self.waiting[path].pop() == number

    @invariant()
    def counts_are_right(self) -> None:
        waiting = Counter({path: len(numbers) for path, numbers in self.waiting.items() if numbers})
        running = Counter(path for path, _, _ in self.running)
        assert (self.flows.root.waiting, self.flows.root.running) == (
            waiting.total(),
            running.total(),
        )
        assert leaves(self.flows.root) == {
            path: (waiting[path], running[path]) for path in waiting.keys() | running.keys()
        }


def leaves(flow: Flow[int], path: Path = ()) -> dict[Path, tuple[int, int]]:
    if len(path) == 3:
        return {path: (flow.waiting, flow.running)}
    found: dict[Path, tuple[int, int]] = {}
    for name, child in flow.children.items():
        found |= leaves(child, (*path, name))
    return found


AnySequence.TestCase.settings = settings(deadline=None)
TestAnySequence = AnySequence.TestCase
