"""Load without faults, and the memory growth of each process.

    python -m benchmarks.chaos.soak [--seconds 1800] [--clients 16]

Growth is the Theil-Sen slope (the median over all pairs of samples) of memory over requests; the first fifth
of the samples is left out as warm-up. Every other question contains a new number, so that caches fill as
well. Those are bounded and full at some time; what still grows in the second half, reported too, is a leak.
Data in Redis is reported by kind.
"""

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from statistics import median

import aiohttp
import psutil

from benchmarks.chaos.clients import Clients, Server
from benchmarks.chaos.processes import TITLES, Processes
from benchmarks.chaos.questions import Reply, RequestCase, questions
from benchmarks.chaos.service import running
from benchmarks.chaos.stored import report_lines, stored

EVERY_S = 5.0
PER = 10_000
WARM_UP = 0.2
MOST_PAIRS_OF = 200


@dataclass(slots=True)
class Growth:
    """Samples of one process: requests answered so far, and its USS in MB."""

    samples: list[tuple[int, float]] = field(default_factory=list)

    def per_requests(self, *, after: float = WARM_UP) -> float:
        """MB more in 10,000 requests, without the first part ``after`` (0 to 1) of the samples."""
        kept = self.samples[int(after * len(self.samples)) :]
        step = max(1, len(kept) // MOST_PAIRS_OF)
        slopes = [
            (mb - earlier_mb) / (count - earlier)
            for (earlier, earlier_mb), (count, mb) in combinations(kept[::step], 2)
            if count > earlier
        ]
        return PER * median(slopes) if slopes else 0.0


class VaryingClients(Clients):
    """Every other question is new."""

    async def _ask(self, session: aiohttp.ClientSession, case: RequestCase, key: str) -> Reply:
        number = int(key[:8], 16)
        return await super()._ask(session, reworded(case, number) if number % 2 else case, key)

    def is_right(self, case: RequestCase, said: Reply) -> bool:
        """Always, because answers to new questions are not known."""
        return True


def reworded(case: RequestCase, number: int) -> RequestCase:
    """The case with ``number`` in its question."""

    def more(text: str) -> str:
        return f"I ask about case {number}. {text}"

    body = dict(case.body)
    if "input" in body:
        body["input"] = more(body["input"])
    else:
        body["messages"] = [{**m, "content": more(m["content"])} for m in body["messages"]]
    return replace(case, body=body)


async def soak(
    server: Server, processes: Processes, *, clients: int, seconds: float
) -> tuple[Clients, dict[str, Growth]]:
    asking = VaryingClients(server, questions(), count=clients)
    await asking.learn()
    asked = asyncio.create_task(asking.run())
    grown: dict[str, Growth] = defaultdict(Growth)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(EVERY_S)
        count = len(asking.ledger.outcomes)
        for name, mb in (await asyncio.to_thread(memory_mb, processes)).items():
            grown[name].samples.append((count, mb))
    asking.stop()
    await asked
    return asking, grown


def memory_mb(processes: Processes) -> dict[str, float]:
    """USS in MB by kind and process id."""
    found: dict[str, float] = {}
    for kind in TITLES:
        for process in processes.of(kind):
            with suppress(psutil.Error):
                found[f"{kind} {process.pid}"] = process.memory_full_info().uss / 1e6
    return found


def report(asking: Clients, grown: dict[str, Growth]) -> str:
    outcomes = asking.ledger.outcomes
    lines = [
        f"{len(outcomes)} requests, {len(asking.ledger.failed)} failed",
        *(f"{count} {fault}" for fault, count in asking.ledger.faults().items()),
        "",
        f"| process | MB at first | MB at last | MB more in {PER:,} requests | in the second half |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, growth in grown.items():
        first, last = growth.samples[0][1], growth.samples[-1][1]
        whole, later = growth.per_requests(), growth.per_requests(after=0.5)
        lines.append(f"| {name} | {first:.0f} | {last:.0f} | {whole:+.2f} | {later:+.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as var, running(Path(var)) as (server, own):
        socket = Path(var) / "redis/redis.sock"
        before = stored(socket)
        asking, grown = asyncio.run(soak(server, own, clients=args.clients, seconds=args.seconds))
        print(report(asking, grown))
        print("", *report_lines(before, stored(socket), len(asking.ledger.outcomes)), sep="\n")


if __name__ == "__main__":
    main()
