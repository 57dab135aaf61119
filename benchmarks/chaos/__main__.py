"""Injects faults into the running service, and records the effects on clients.

    python -m benchmarks.chaos [--seconds 120] [--clients 50] [--only WORD ...]

It starts its own service on a free port, as `make run` does, and stops it afterwards. Nothing else should
run on the machine: the cost of a fault is mostly the CPU time of starting a new replica.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import uvloop

from benchmarks.chaos import hostile, redis_faults
from benchmarks.chaos.charges import charged_once
from benchmarks.chaos.clients import Server
from benchmarks.chaos.disk import full_disk
from benchmarks.chaos.limits import budget_of_one_key, requests_of_one_key
from benchmarks.chaos.overload import KINDS, overload
from benchmarks.chaos.processes import Processes
from benchmarks.chaos.rows import Row, table
from benchmarks.chaos.service import READY_WITHIN_S, running
from benchmarks.chaos.signals import catalogue, inflict, named
from benchmarks.processes import answers
from genai.access.fairness import OVERLOAD_S

RESULTS = Path("benchmarks/results/chaos.json")


async def run_faults(
    server: Server, processes: Processes, args: argparse.Namespace
) -> AsyncIterator[Row]:
    others: dict[str, Callable[[], Awaitable[Row]]] = {
        **{f"overload, {one.name}": partial(overload, server, processes, one) for one in KINDS},
        "limit of one key": partial(requests_of_one_key, server),
        "budget of one key": partial(budget_of_one_key, server),
        "charges": lambda: charged_once(server, processes, args.clients),
        "redis killed": lambda: redis_faults.killed(server, processes),
        "redis frozen": lambda: redis_faults.frozen(server, processes),
        "slow-loris": lambda: hostile.slow_heads(server, args.clients),
        "huge bodies": lambda: hostile.huge_bodies(server, processes),
        "header tricks": lambda: hostile.header_tricks(server),
        "deadline": lambda: hostile.deadline_stands(server),
        "full disk": lambda: asyncio.to_thread(full_disk),
    }
    for name, run in others.items():
        if not args.only or any(word in name for word in args.only):
            yield await run()
            await recovered(server)
    for fault in named(catalogue(args.seconds), args.only):
        yield await inflict(server, processes, fault, args.clients)
        await recovered(server)


async def recovered(server: Server) -> None:
    """Wait until the service has recovered from the last fault."""
    ready, until = answers(f"{server.url}/readyz"), time.monotonic() + READY_WITHIN_S
    good = 0
    await asyncio.sleep(2 * OVERLOAD_S)
    while good < 3 and time.monotonic() < until:
        good = good + 1 if await asyncio.to_thread(ready) else 0
        await asyncio.sleep(0.5)


async def run(args: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        server, processes = stack.enter_context(running(var))
        async for row in run_faults(server, processes, args):
            rows.append(row)
            print(row.markdown(), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="duration of the kills of replicas"
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--only", nargs="*", default=[], help="words in the names of faults")
    args = parser.parse_args()
    rows = uvloop.run(run(args))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([row.json() for row in rows], indent=2) + "\n")
    print(f"\n{table(rows)}")


if __name__ == "__main__":
    main()
