"""Kills and stops of processes under load."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.chaos.clients import Clients, Ledger, Server
from benchmarks.chaos.processes import INNER, Processes
from benchmarks.chaos.questions import questions
from benchmarks.chaos.rows import Row, row_of

CALM_S = 5.0
AFTER_S = 10.0
FOUND_OUT_S = 5.0
"""Seconds after which a hanging process must get no more requests."""


@dataclass(frozen=True)
class Fault:
    """``kinds`` are hit in turn, ``times`` in total, every ``every_s``. A stop lasts ``stopped_s``.

    With ``tries`` above one, clients retry under the same `Idempotency-Key`.
    """

    name: str
    kinds: tuple[str, ...]
    times: int
    every_s: float
    signum: signal.Signals = signal.SIGKILL
    stopped_s: float = 0.0
    tries: int = 1


def catalogue(seconds: float) -> tuple[Fault, ...]:
    """``seconds`` is the duration of the kills of replicas; other faults scale with it."""
    few = max(1, int(seconds / 40))
    stops = tuple(
        Fault(f"stop of {kind}", (kind,), 1, 12, signal.SIGSTOP, stopped_s=12)
        for kind in (*INNER, "engine")
    )
    return (
        Fault("kill of inner replicas in turn", INNER, int(seconds / 5), 5),
        *(Fault(f"kill of {kind}", (kind,), 1, 15) for kind in (*INNER, "engine")),
        Fault("kill of an ingress replica", ("Ingress",), few, 10, tries=4),
        Fault("stop of an ingress replica", ("Ingress",), 1, 15, signal.SIGSTOP, 15, tries=4),
        Fault("kill of the controller", ("controller",), few, 10),
        Fault("kill of the proxy actor", ("proxy actor",), 1, 15),
        Fault("kill of HAProxy's manager", ("haproxy manager",), 1, 15, tries=4),
        Fault("kill of HAProxy", ("haproxy",), few, 20, tries=4),
        Fault("stop of HAProxy", ("haproxy",), 1, 10, signal.SIGSTOP, 5, tries=4),
        *stops,
    )


async def inflict(server: Server, processes: Processes, fault: Fault, clients: int) -> Row:
    asking = Clients(server, questions(), count=clients, tries=fault.tries)
    await asking.learn()
    running = asyncio.create_task(asking.run())
    await asyncio.sleep(CALM_S)
    hit, began = 0, time.monotonic()
    for number in range(fault.times):
        kind = fault.kinds[number % len(fault.kinds)]
        pid = await asyncio.to_thread(
            processes.send, kind, fault.signum, which=number // len(fault.kinds)
        )
        hit += pid is not None
        await _wait_out(fault, pid)
    await asyncio.sleep(AFTER_S)
    asking.stop()
    await running
    note = after_a_stop(asking.ledger, began, fault) if fault.stopped_s else ""
    return row_of(fault.name, hit, asking.ledger, note)


def after_a_stop(ledger: Ledger, stopped: float, fault: Fault) -> str:
    """Describes requests that began after the hanging process should have been detected."""
    still = ledger.within(stopped + FOUND_OUT_S, stopped + fault.stopped_s)
    if not still.outcomes:
        return f"no request began after {FOUND_OUT_S:.0f} s"
    slow, usual = still.percentile_s(1.0), ledger.within(0.0, stopped).percentile_s(1.0)
    return (
        f"of {len(still.outcomes)} begun {FOUND_OUT_S:.0f} s after the stop or later, "
        f"the slowest took {slow:.1f} s (before the stop {usual:.1f} s)"
    )


async def _wait_out(fault: Fault, pid: int | None) -> None:
    await asyncio.sleep(fault.stopped_s)
    if fault.stopped_s and pid is not None:
        with suppress(ProcessLookupError):  # Serve has killed it
            os.kill(pid, signal.SIGCONT)
    await asyncio.sleep(max(0.0, fault.every_s - fault.stopped_s))


def named(faults: Sequence[Fault], words: Sequence[str]) -> list[Fault]:
    """The faults whose names contain one of the words; all without words."""
    return [fault for fault in faults if not words or any(word in fault.name for word in words)]
