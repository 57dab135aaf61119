"""Builds results of a run."""

from benchmarks.load import Outcome
from benchmarks.measure import Measured
from benchmarks.results import SystemResult

BASELINE = {"latency_ms": {"p50": 1.0}, "first_token_ms": {"p50": 0.5}}


def measured(
    *, per_second: float = 100.0, tokens: int = 0, ms: float = 3.0, cpu_ms: float = 2.0
) -> Measured:
    outcome = Outcome(
        requests=int(per_second * 2),
        failed=0,
        seconds=2.0,
        tokens=tokens * 2,
        latency_ms={"p50": ms, "p99": ms * 2, "max": ms * 3},
        first_token_ms={"p50": ms, "p99": ms * 2, "max": ms * 3},
        generator_cpu_s=0.1,
    )
    return Measured(
        outcome=outcome,
        cpu_ms=cpu_ms,
        cpu_us=10.0,
        by_process_ms={"server": cpu_ms},
        generator_cores=0.05,
        other_cores=0.0,
    )


def system(name: str, **loads: Measured) -> SystemResult:
    """``chat_requests_16`` stands for the load ``chat/requests/16``."""
    result = SystemResult(name, idle_cores=0.1, baseline=BASELINE)
    result.memory_mb = {"pss": 1000.0, "rss": 1500.0, "processes": 3.0}
    result.loads = {load.replace("_", "/"): found for load, found in loads.items()}
    return result
