"""CPU time and memory of groups of processes, and the CPU load of the rest of the machine."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU seconds (user and system) so far, of each process and of the whole machine."""

    at: float
    by_process: dict[int, tuple[str, float]]
    machine: float


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds between two readings, by process name."""

    seconds: float
    by_name: dict[str, float]
    machine: float

    @property
    def cpu_s(self) -> float:
        return sum(self.by_name.values())


def read(processes: Iterable[psutil.Process]) -> Reading:
    by_process: dict[int, tuple[str, float]] = {}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            by_process[process.pid] = name_of(process), times.user + times.system
    return Reading(time.perf_counter(), by_process, _machine_cpu_s())


def between(before: Reading, after: Reading) -> Used:
    """A process that started in between counts in full; one that has ended does not count."""
    by_name: dict[str, float] = {}
    for pid, (name, cpu_s) in after.by_process.items():
        _, earlier = before.by_process.get(pid, (name, 0.0))
        by_name[name] = by_name.get(name, 0.0) + cpu_s - earlier
    return Used(after.at - before.at, by_name, after.machine - before.machine)


def over(processes: Callable[[], Iterable[psutil.Process]], seconds: float) -> Used:
    """The CPU use of the idle processes."""
    before = read(processes())
    time.sleep(seconds)
    return between(before, read(processes()))


def less_idle(used: Used, idle: Used) -> float:
    """CPU seconds of the work, less those of the idle processes; never negative."""
    return max(0.0, used.cpu_s - idle.cpu_s * used.seconds / idle.seconds)


def name_of(process: psutil.Process) -> str:
    """A short name, such as ``ray::ServeReplica:assistant:Ingress``, ``haproxy`` or ``python run``."""
    words = process.cmdline()
    if not words or not words[0]:
        return str(process.name())
    program = Path(words[0].split()[0]).name
    if not program.startswith("python"):
        return words[0].split()[0] if words[0].startswith("ray::") else program
    modules = [Path(word).name for word in words[1:] if not word.startswith("-")]
    return f"python {modules[0]}" if modules else program


def memory_mb(processes: Iterable[psutil.Process]) -> dict[str, float]:
    """Resident memory. ``pss`` divides shared pages among the processes that share them."""
    rss = pss = count = 0
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            rss += process.memory_info().rss
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            found = _PSS.search(rollup)
            pss += int(found.group(1)) * 1024 if found else 0
            count += 1
    return {"rss": rss / 1e6, "pss": pss / 1e6, "processes": count}


def _machine_cpu_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
