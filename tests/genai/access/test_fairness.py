import asyncio

import pytest

from genai.access.fairness import FairQueue, Slot
from genai.errors import Overloaded
from genai.settings.access import OverloadSettings


def queue(running: int, waiting: int) -> FairQueue:
    return FairQueue(OverloadSettings(running=running, waiting=waiting))


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

    async def join(self, tenant: str, tokens: int = 10) -> asyncio.Task[None]:
        task = asyncio.create_task(self._enter(tenant, tokens))
        self.tasks.append(task)
        await settle()
        return task

    async def _enter(self, tenant: str, tokens: int) -> None:
        slot = await self._fair.async_enter(tenant, tokens)
        self.order.append(tenant)
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
            slot = await fair.async_enter(f"t{number % 5}", number % 7)
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


async def test_slots_and_queue_shrink_while_requests_slow_each_other_down() -> None:
    now = 0.0
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=4), clock=lambda: now)

    async def answer(seconds: float) -> None:
        nonlocal now
        slots = [await fair.async_enter("acme", 10, "chat") for _ in range(4)]
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


async def test_haproxy_learns_the_room_of_each_tenant_during_an_overload() -> None:
    clock = Clock()
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=4), clock=clock)
    before = fair.room("acme")

    fair.refused_at_edge()
    for _ in range(3):
        await fair.async_enter("acme", 10)
    alone = fair.room("acme")
    other = fair.room("other")
    clock.now += 3.1

    assert before is None
    assert alone == 4
    assert other == 2
    assert fair.room("acme") is None


async def test_slots_that_others_leave_are_room_too() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=16), clock=Clock())
    fair.refused_at_edge()

    await fair.async_enter("small", 10)

    assert fair.room("acme") == 15


async def test_the_room_is_fractional() -> None:
    fair = FairQueue(OverloadSettings(running=32, waiting=16, least=5), clock=Clock())
    fair.refused_at_edge()

    await fair.async_enter("small", 10)

    assert fair.room("other") == 4
    assert fair.room("small") == 5
    await fair.async_enter("other", 10)
    assert fair.room("third") == 3
    await fair.async_enter("small", 10)
    await fair.async_enter("other", 10)
    assert fair.room("third") == pytest.approx(5 / 3)


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
        slots = [await fair.async_enter("acme", 10, "chat") for _ in range(count)]
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

    room = fair.room("acme")
    assert room is not None
    assert room < 4
