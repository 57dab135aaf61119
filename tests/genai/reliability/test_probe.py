import asyncio
import gc
import warnings

import pytest

from genai.errors import BackendFailed
from genai.reliability.circuit import Circuit, CircuitState
from genai.reliability.probe import Probe

COOLDOWN_S = 0.02


class Server:
    """A server that is up or down; counts its probes."""

    def __init__(self, *, there: bool = False) -> None:
        self.there = there
        self.looks = 0
        self.looked: asyncio.Queue[None] = asyncio.Queue()

    async def async_check(self) -> None:
        self.looks += 1
        self.looked.put_nowait(None)
        if not self.there:
            raise BackendFailed("nobody is there")


def probe_of(server: Server, *, looks_for_s: float = 10.0) -> tuple[Probe, Circuit]:
    circuit = Circuit(failures=1, cooldown_s=COOLDOWN_S)
    return Probe(circuit, server.async_check, looks_for_s=looks_for_s), circuit


async def looks(server: Server, count: int) -> None:
    async with asyncio.timeout(5):
        while server.looks < count:
            await server.looked.get()


async def test_recovery_is_detected_without_calls() -> None:
    server = Server()
    probe, _ = probe_of(server)

    probe.fail()
    await looks(server, 3)
    server.there = True
    await looks(server, 4)
    await asyncio.sleep(0)

    assert probe.allows()


async def test_probing_ends_after_recovery() -> None:
    server = Server(there=True)
    probe, circuit = probe_of(server)

    probe.fail()
    await looks(server, 1)
    await asyncio.sleep(5 * COOLDOWN_S)

    assert (server.looks, circuit.state) == (1, CircuitState.CLOSED)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_there_is_one_probe_per_cooldown() -> None:
    server = Server()
    probe, _ = probe_of(server)

    for _ in range(100):
        probe.fail()
        assert not probe.allows()

    assert len(asyncio.all_tasks()) == 2
    await looks(server, 1)
    assert not probe.allows()
    assert server.looks == 1
    probe.close()


async def test_probing_ends_after_its_limit_and_restarts_with_a_call() -> None:
    server = Server()
    probe, _ = probe_of(server, looks_for_s=2 * COOLDOWN_S)

    probe.fail()
    await asyncio.sleep(20 * COOLDOWN_S)
    seen = server.looks
    await asyncio.sleep(5 * COOLDOWN_S)
    assert server.looks == seen

    server.there = True
    assert not probe.allows()
    await looks(server, seen + 1)
    await asyncio.sleep(0)
    assert probe.allows()


async def test_an_unexpected_error_of_a_probe_allows_the_next_one() -> None:
    circuit = Circuit(failures=1, cooldown_s=0.0)
    outcomes: list[Exception | None] = [RuntimeError("the end"), None]

    async def check() -> None:
        if error := outcomes.pop(0):
            raise error

    probe = Probe(circuit, check)
    probe.fail()
    with pytest.raises(RuntimeError):
        await probe._looking  # type: ignore[misc]

    assert not probe.allows()
    await asyncio.sleep(0.05)
    assert probe.allows()


async def test_closing_ends_probing() -> None:
    probe, _ = probe_of(Server())

    probe.fail()
    probe.close()
    probe.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.filterwarnings("error")
def test_probing_ends_with_the_event_loop() -> None:
    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # objects of other tests

    async def fail() -> None:
        probe_of(Server())[0].fail()
        await asyncio.sleep(0)

    asyncio.run(fail())
    gc.collect()
