"""The targets of the measured figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.plan import STREAMS
from benchmarks.results import Results, SystemResult

LITELLM = "litellm"
SHIPPED = "deployments"
INLINE = "inline"


@dataclass(frozen=True)
class Goal:
    what: str
    value: float
    bound: float
    at_least: bool
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def goals(results: Results) -> Iterator[Goal]:
    """The goals for which this run has figures."""
    litellm = results.systems.get(LITELLM)
    for name in (SHIPPED, INLINE):
        if system := results.systems.get(name):
            yield from _of_system(system, litellm)
    if results.engine is not None:
        yield Goal("vLLM through the graph : its own server", results.engine.ratio, 0.9, True, "x")


def _of_system(system: SystemResult, litellm: SystemResult | None) -> Iterator[Goal]:
    for endpoint in ("generate", "chat"):
        yield from _of_endpoint(system, litellm, endpoint)
    if system.memory_mb:
        yield Goal(f"{system.name}: memory (PSS)", system.memory_mb["pss"], 2500, False, "MB")


def _of_endpoint(
    system: SystemResult, litellm: SystemResult | None, endpoint: str
) -> Iterator[Goal]:
    name = f"{system.name} {endpoint}"
    for clients in (16, 64):
        load = f"{endpoint}/requests/{clients}"
        if load in system.loads:
            yield Goal(
                f"{name}: CPU, {clients} clients", system.loads[load].cpu_ms, 2.5, False, "ms"
            )
            if litellm and (theirs := litellm.loads.get(f"chat/requests/{clients}")):
                ratio = system.loads[load].outcome.per_second / theirs.outcome.per_second
                yield Goal(f"{name}: requests/s : LiteLLM, {clients}", ratio, 4, True, "x")
    if (load := f"{endpoint}/requests/1") in system.loads:
        p50 = system.added_ms(load, "latency_ms", "p50")
        p99 = system.added_ms(load, "latency_ms", "p99")
        yield Goal(f"{name}: added latency p50", p50, 4, False, "ms")
        yield Goal(f"{name}: added latency p99", p99, 15, False, "ms")
    if (load := f"{endpoint}/streams/{STREAMS}") in system.loads:
        speed = system.loads[load].outcome.tokens_per_second
        yield Goal(f"{name}: tokens/s, {STREAMS} streams", speed, 20_000, True)
    if (load := f"{endpoint}/streams/1") in system.loads:
        first = system.added_ms(load, "first_token_ms", "p50")
        yield Goal(f"{name}: first token delayed by", first, 5, False, "ms")
