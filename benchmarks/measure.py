"""Puts one load on one system, and measures its latency and CPU time."""

import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import psutil

from benchmarks import cpu
from benchmarks.load import Load, Outcome
from benchmarks.processes import module
from benchmarks.systems import System

NOISY_CORES = 0.15
"""Figures are unreliable if more cores than this were busy with other work."""


@dataclass(frozen=True)
class Measured:
    """``cpu_ms`` is per request, ``cpu_us`` per token, both without the use of the idle system.

    ``other_cores``: how many cores were busy with neither the system nor the load.
    """

    outcome: Outcome
    cpu_ms: float
    cpu_us: float
    by_process_ms: dict[str, float]
    generator_cores: float
    other_cores: float

    @property
    def is_noisy(self) -> bool:
        return self.other_cores > NOISY_CORES

    def as_json(self) -> dict[str, object]:
        values = asdict(self)
        values["outcome"] = self.outcome.model_dump()
        values["per_second"] = self.outcome.per_second
        values["tokens_per_second"] = self.outcome.tokens_per_second
        return values


@dataclass
class Meter:
    """Measures loads on one system. ``beside`` are helper processes, such as the mock upstream."""

    system: System
    idle: cpu.Used
    beside: Callable[[], list[psutil.Process]] = field(default=lambda: [])

    def measure(self, load: Load) -> Measured:
        generator = subprocess.Popen(
            module("benchmarks.load"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert generator.stdin is not None
        assert generator.stdout is not None
        try:
            generator.stdin.write(load.model_dump_json())
            generator.stdin.close()
            members, beside = list(self.system.members()), self.beside()
            if generator.stdout.readline() != "begin\n":
                raise RuntimeError("the load generator did not begin")
            before, aside = cpu.read(members), cpu.read(beside)
            line = generator.stdout.readline()
            used = cpu.between(before, cpu.read(members))
            aside_used = cpu.between(aside, cpu.read(beside))
            if not line:
                raise RuntimeError("the load generator ended early")
        finally:
            generator.stdout.close()
            generator.wait()
        return self._put_together(Outcome.model_validate_json(line), used, aside_used.cpu_s)

    def _put_together(self, outcome: Outcome, used: cpu.Used, aside_s: float) -> Measured:
        spent = cpu.less_idle(used, self.idle)
        requests, tokens = max(1, outcome.requests), max(1, outcome.tokens)
        known = used.cpu_s + aside_s + outcome.generator_cpu_s
        return Measured(
            outcome=outcome,
            cpu_ms=spent * 1000 / requests,
            cpu_us=spent * 1_000_000 / tokens,
            by_process_ms={
                name: seconds * 1000 / requests
                for name, seconds in sorted(used.by_name.items(), key=lambda item: -item[1])
                if seconds * 1000 / requests >= 0.005
            },
            generator_cores=outcome.generator_cpu_s / outcome.seconds,
            other_cores=max(0.0, used.machine - known) / used.seconds,
        )
