import asyncio

import pytest

from genai.access.fairness import FairQueue, Slot
from genai.errors import Overloaded
from genai.settings.access import OverloadSettings


def queue(running: int, waiting: int) -> FairQueue:
    return FairQueue(OverloadSettings(running=running, waiting=waiting))


def path_of(flow: str) -> tuple[str, str, str]:
    """``acme`` is the only key of its tenant, ``acme/ada/k1`` one of several."""
    tenant, user, key = flow.split("/") if "/" in flow else (flow, "ada", "k1")
    return tenant, user, key


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Line:
    """Requests, and the order in which they got a slot."""

    def __init__(self, fair: FairQueue) -> None:
        self._fair = fair
        self.order: list[str] = []
        self.slots: list[Slot] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def join(self, flow: str, tokens: int = 10) -> asyncio.Task[None]:
        task = asyncio.create_task(self._enter(flow, tokens))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.tasks.append(task)
        await settle()
        return task

    async def _enter(self, flow: str, tokens: int) -> None:
        slot = await self._fair.async_enter(path_of(flow), tokens)
        self.order.append(flow)
        self.slots.append(slot)

    async def serve(self, count: int = 1) -> None:
        for _ in range(count):
            self.slots.pop(0).release(None)
            await settle()


async def test_a_request_runs_at_once_while_a_slot_is_free() -> None:
    line = Line(queue(running=3, waiting=0))

    for _ in range(3):
        await line.join("acme")

    assert line.order == ["acme"] * 3


async def test_a_full_queue_refuses_at_once_with_a_retry_after() -> None:
    line = Line(queue(running=1, waiting=4))
    for _ in range(3):
        await line.join("acme")

    refused = await line.join("acme")

    assert refused.done()
    error = refused.exception()
    assert isinstance(error, Overloaded)
    assert error.retry_after_s > 0


async def test_one_tenant_cannot_fill_the_whole_queue() -> None:
    line = Line(queue(running=1, waiting=12))
    for _ in range(50):
        await line.join("flood")
    for name in ("a", "b"):
        await line.join(name)

    await line.serve(2)

    assert sum(task.done() and task.exception() is not None for task in line.tasks) == 43
    assert line.order == ["flood", "a", "b"]


async def test_a_new_tenant_runs_at_once_beside_one_that_takes_all_it_can() -> None:
    line = Line(queue(running=32, waiting=64))
    for _ in range(60):
        await line.join("flood")
    running = len(line.order)

    await line.join("small")

    assert running == 30
    assert line.order[-1] == "small"


async def test_the_tenant_with_the_fewest_tokens_is_served_first() -> None:
    line = Line(queue(running=1, waiting=40))
    await line.join("other")
    for _ in range(8):
        await line.join("long", tokens=300)
        await line.join("short", tokens=100)

    await line.serve(8)

    served = line.order[1:9]
    assert (served.count("long"), served.count("short")) == (2, 6)


async def test_the_tokens_really_used_replace_the_estimate() -> None:
    line = Line(queue(running=2, waiting=40))
    for _ in range(3):
        await line.join("dear", tokens=100)
        await line.join("cheap", tokens=100)
    dear, cheap = line.slots[:2]

    dear.release(500)
    cheap.release(1)
    await settle()

    assert line.order[:2] == ["dear", "cheap"]
    assert line.order[2:] == ["cheap", "cheap"]


async def test_a_tenant_that_was_idle_has_no_credit() -> None:
    line = Line(queue(running=1, waiting=40))
    for _ in range(2):
        await line.join("busy", tokens=10)
    line.slots.pop(0).release(10_000)
    await settle()
    for _ in range(4):
        await line.join("new", tokens=10)
        await line.join("busy", tokens=10)

    await line.serve(4)

    served = line.order[2:]
    assert served.count("busy") >= 1
    assert served.count("new") >= 1


async def test_a_cancelled_request_makes_room_in_the_queue() -> None:
    line = Line(queue(running=1, waiting=2))
    await line.join("acme")
    gone = await line.join("acme")

    gone.cancel()
    await settle()
    again = await line.join("acme")
    await line.serve()

    assert again.done()
    assert again.exception() is None


async def test_a_request_cancelled_as_it_gets_a_slot_passes_it_on() -> None:
    line = Line(queue(running=1, waiting=9))
    await line.join("acme")
    gone = await line.join("acme")
    await line.join("other")

    line.slots.pop(0).release(None)
    gone.cancel()
    await settle()
    await settle()

    assert line.order == ["acme", "other"]


async def test_no_slot_is_lost_by_refusals_and_cancellations() -> None:
    fair = queue(running=4, waiting=16)
    running = most = 0

    async def work(number: int) -> None:
        nonlocal running, most
        try:
            slot = await fair.async_enter(path_of(f"t{number % 5}"), number % 7)
        except Overloaded:
            return
        running += 1
        most = max(most, running)
        try:
            await asyncio.sleep(0.001 * (number % 3))
        finally:
            running -= 1
            slot.release(number % 11)
            slot.release(0)

    tasks = [asyncio.create_task(work(number)) for number in range(300)]
    for number in range(len(tasks)):
        await asyncio.sleep(0)
        if number % 4 == 0:
            tasks[number // 2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    line = Line(fair)
    for name in "abcd":
        await line.join(name)
    assert most <= 4
    assert len(line.order) == 4


async def test_a_request_cancelled_just_before_a_slot_is_free_passes_it_on() -> None:
    line = Line(queue(running=1, waiting=9))
    await line.join("acme")
    gone = await line.join("acme")
    await line.join("acme")

    gone.cancel()
    line.slots.pop(0).release(None)
    await settle()

    assert gone.cancelled()
    assert line.order == ["acme", "acme"]


async def test_a_request_cancelled_as_it_is_refused_was_never_running() -> None:
    line = Line(queue(running=1, waiting=8))
    for _ in range(5):
        await line.join("acme/ada/k1")
    newest = line.tasks[-1]

    joined = asyncio.create_task(line.join("acme/bob/k2"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    newest.cancel()
    await joined
    again = await line.join("other")

    assert newest.cancelled()
    assert line.order == ["acme/ada/k1"]
    assert not again.done()


@pytest.mark.parametrize("tenants", [1, 3])
async def test_every_accepted_request_is_served(tenants: int) -> None:
    line = Line(queue(running=2, waiting=30))
    for number in range(12):
        await line.join(f"t{number % tenants}")

    await line.serve(10)

    assert len(line.order) == 12


async def test_a_new_tenant_may_wait_even_if_there_is_one_slot() -> None:
    line = Line(FairQueue(OverloadSettings(running=32, waiting=16, least=1)))
    for _ in range(5):
        await line.join("flood")

    newcomers = [await line.join("quiet"), await line.join("calm")]
    await line.join("flood")
    await line.serve(3)

    assert not any(task.done() and task.exception() for task in newcomers)
    assert set(line.order) == {"flood", "quiet", "calm"}


@pytest.mark.parametrize("flow", ["acme/user {}/k", "acme/ada/key {}"], ids=["users", "keys"])
async def test_a_quiet_flow_is_never_refused_and_soon_served_while_its_siblings_flood(
    flow: str,
) -> None:
    line, flooding, quiet = Line(queue(running=4, waiting=8)), range(6), flow.format("quiet")
    for _ in range(20):
        for number in [*flooding] * 5:
            await line.join(flow.format(number))
        asked = await line.join(quiet)
        for number in [*flooding] * 5:
            await line.join(flow.format(number))
        served = len(line.order)

        await line.serve(len(flooding) + 1)

        assert asked.done()
        assert asked.exception() is None
        assert quiet in line.order[served:]


async def test_the_newest_request_of_the_longest_queue_makes_room_for_another_user() -> None:
    line = Line(queue(running=1, waiting=8))
    tasks = [await line.join("acme/ada/k1") for _ in range(5)]

    quiet = await line.join("acme/bob/k2")

    refused = [task.done() and task.exception() is not None for task in tasks]
    assert refused == [False, False, False, False, True]
    error = tasks[-1].exception()
    assert isinstance(error, Overloaded)
    assert error.retry_after_s > 0
    assert not quiet.done()


async def test_users_who_always_have_one_request_here_do_not_keep_out_one_who_seldom_asks() -> None:
    line, quiet = Line(queue(running=4, waiting=4)), []
    here = [await line.join(f"acme/user {number}/k") for number in range(6)]
    for turn in range(100):
        await line.serve()
        for number, task in enumerate(here):
            if task.done():
                here[number] = await line.join(f"acme/user {number}/k")
        if turn % 10 == 0:
            quiet.append(await line.join("acme/quiet/k"))

    assert [task.done() and task.exception() for task in quiet] == [None] * 10


async def test_users_who_are_all_alike_do_not_displace_each_other() -> None:
    line = Line(queue(running=1, waiting=4))
    first = [await line.join(f"acme/u{number}/k") for number in range(3)]

    late = await line.join("acme/late/k")

    assert late.done()
    assert isinstance(late.exception(), Overloaded)
    assert not any(task.done() and task.exception() for task in first)


async def test_of_tenants_with_as_many_requests_waiting_that_of_the_arrival_loses_one() -> None:
    line = Line(queue(running=4, waiting=3))
    for tenant in ("small", "large", "large", "large", "large", "third", "fourth"):
        await line.join(tenant)
    waiting = line.tasks[4:7]

    late = await line.join("small")

    assert isinstance(late.exception(), Overloaded)
    assert not any(task.done() for task in waiting)


async def test_a_tenant_is_not_displaced_by_the_many_users_of_another() -> None:
    line = Line(queue(running=1, waiting=8))
    for _ in range(4):
        await line.join("small")
    waiting = line.tasks[1:]
    for number in range(40):
        await line.join(f"large/u{number}/k")

    assert not any(task.done() for task in waiting)


async def test_slots_and_queue_shrink_while_requests_slow_each_other_down() -> None:
    now = 0.0
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=4), clock=lambda: now)

    async def answer(seconds: float) -> None:
        nonlocal now
        slots = [await fair.async_enter(path_of("acme"), 10, "chat") for _ in range(4)]
        now += seconds
        for slot in slots:
            slot.release(10, measured=True)

    await answer(0.01)
    for _ in range(200):
        await answer(1.0)

    line = Line(fair)
    tasks = [await line.join("acme") for _ in range(10)]
    refused = [task for task in tasks if task.done() and task.exception()]
    assert len(line.order) == 4
    assert len(refused) == 10 - 4 - 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Slow:
    """A queue whose requests take ten times as long under load."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.line = Line(FairQueue(OverloadSettings(running=128, waiting=64), clock=self.clock))

    async def come(self, count: int) -> None:
        for _ in range(count):
            await self.line.join("acme")

    async def answer_all(self, seconds: float) -> None:
        self.clock.now += seconds
        slots, self.line.slots = self.line.slots, []
        for slot in slots:
            slot.release(10, measured=True)
        await settle()

    async def learn(self) -> None:
        """The latency without load, and then that the limit is low."""
        for seconds in (0.1,) * 20 + (1.0,) * 20:
            await self.come(16)
            await self.answer_all(seconds)

    @property
    def refused(self) -> int:
        return sum(task.done() and task.exception() is not None for task in self.line.tasks)


async def test_few_requests_are_not_refused_however_slow_they_are() -> None:
    slow = Slow()
    await slow.learn()

    for _ in range(5):
        await slow.come(50)
        await slow.answer_all(20.0)
        await slow.answer_all(20.0)  # the ones that waited

    assert slow.refused == 0


async def test_an_overload_has_few_slots_and_a_short_queue() -> None:
    slow = Slow()
    await slow.learn()

    await slow.come(200)
    most = len(slow.line.slots)
    await slow.answer_all(1.0)
    await slow.come(200)

    assert most == 42
    assert slow.refused > 200
    assert len(slow.line.slots) < 0.5 * most  # they take a second; 0.4 are acceptable
    assert sum(not task.done() for task in slow.line.tasks) < 8


async def test_an_overload_ends_when_nobody_was_refused_for_a_while() -> None:
    slow = Slow()
    await slow.learn()
    await slow.come(200)
    await slow.answer_all(1.0)
    refused = slow.refused

    await slow.answer_all(10.0)
    await slow.come(50)

    assert slow.refused == refused
    assert len(slow.line.slots) == 42


async def test_who_waited_runs_too_when_another_arrives_after_an_overload() -> None:
    slow = Slow()
    await slow.learn()
    await slow.come(200)
    await slow.answer_all(1.0)
    await slow.come(200)
    waiting = [task for task in slow.line.tasks if not task.done()]

    slow.clock.now += 10.0
    await slow.line.join("other")

    assert waiting
    assert all(task.done() for task in waiting)
    assert "other" in slow.line.order


async def test_haproxy_learns_the_room_of_each_tenant_during_an_overload() -> None:
    clock = Clock()
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=4), clock=clock)
    before = fair.room(path_of("acme"))

    fair.refused_at_edge()
    for _ in range(3):
        await fair.async_enter(path_of("acme"), 10)
    alone = fair.room(path_of("acme"))
    other = fair.room(path_of("other"))
    clock.now += 3.1

    assert before is None
    assert alone == 4
    assert other == 2
    assert fair.room(path_of("acme")) is None


async def test_slots_that_others_leave_are_room_too() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=16), clock=Clock())
    fair.refused_at_edge()

    await fair.async_enter(path_of("small"), 10)

    assert fair.room(path_of("acme")) == 15


async def test_the_room_is_fractional() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=5), clock=Clock())
    fair.refused_at_edge()

    await fair.async_enter(path_of("small"), 10)

    assert fair.room(path_of("other")) == 4
    assert fair.room(path_of("small")) == 5
    await fair.async_enter(path_of("other"), 10)
    assert fair.room(path_of("third")) == 3
    await fair.async_enter(path_of("small"), 10)
    await fair.async_enter(path_of("other"), 10)
    assert fair.room(path_of("third")) == pytest.approx(5 / 3)


async def test_the_room_of_a_tenant_is_shared_by_its_users_and_theirs_by_their_keys() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=12), clock=Clock())
    fair.refused_at_edge()
    for key in ("k1", "k2"):
        for _ in range(6):
            await fair.async_enter(("acme", "ada", key), 10)

    assert fair.room(("acme", "ada", "k1")) == 6
    assert fair.room(("acme", "bob", "k")) == 6
    assert fair.room(("acme", "ada", "k3")) == 4
    assert fair.room(("other", "eve", "k")) == 6


async def test_many_keys_have_less_room_than_one_request_each() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=2), clock=Clock())
    fair.refused_at_edge()
    for number in range(4):
        await fair.async_enter(("acme", f"u{number}", "k"), 10)

    assert fair.room(("acme", "u0", "k")) == 0.5


async def test_what_one_user_leaves_is_room_for_another() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=12), clock=Clock())
    fair.refused_at_edge()

    await fair.async_enter(("acme", "ada", "k1"), 10)
    await fair.async_enter(("other", "eve", "k"), 10)

    assert fair.room(("acme", "bob", "k2")) == 10


async def test_requests_that_haproxy_accepted_need_not_wait_if_they_are_unevenly_distributed() -> (
    None
):
    """HAProxy limits all processes together; it sends a few more to one and a few less to another."""
    clock = Clock()
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=4), clock=clock)
    line = Line(fair)
    fair.refused_at_edge()
    for _ in range(6):
        await line.join("acme")
    let_in = len(line.order)

    clock.now += 3.1
    await line.join("acme")

    assert let_in == 6
    assert len(line.order) == 6


async def test_streams_are_measured_by_the_time_to_their_first_part() -> None:
    """The whole duration of a stream depends on its caller."""
    clock = Clock()
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=32), clock=clock)

    async def stream(count: int, first_s: float) -> None:
        slots = [await fair.async_enter(path_of("acme"), 10, "chat") for _ in range(count)]
        clock.now += first_s
        for slot in slots:
            slot.first_part()
        clock.now += 5.0
        for slot in slots:
            slot.release(10)

    for _ in range(30):
        await stream(1, 0.1)
    for _ in range(10):
        await stream(24, 2.0)
    fair.refused_at_edge()

    room = fair.room(path_of("acme"))
    assert room is not None
    assert room < 4
