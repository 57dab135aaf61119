"""Formats the results of a run as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.goals import Goal, goals
from benchmarks.measure import Measured
from benchmarks.plan import STREAMS
from benchmarks.results import EngineResult, Results, SystemResult, median
from benchmarks.upstream import PACE_S

NOT_MEASURED = "-"

HEAD = (
    "system, endpoint",
    "added ms p50 / p99, 1 client",
    "requests/s, 1 · 16 · 64 clients",
    "CPU ms/request, 1 · 16 · 64",
    "first token + ms",
    "the same, paced streams",
    f"tokens/s, {STREAMS} streams",
    "CPU µs/token",
    "memory MB, PSS / RSS (processes)",
    "idle cores",
)


def markdown(results: Results) -> str:
    parts = [_machine(results.machine), _table(HEAD, _rows(results))]
    if results.engine is not None:
        parts.append(_engine(results.engine))
    if found := list(goals(results)):
        parts.append(_table(("goal", "measured", "wanted", ""), map(_goal_row, found)))
    parts += [f"**{name} could not be measured:** {why}" for name, why in results.errors.items()]
    return "\n\n".join(parts) + "\n"


def _machine(machine: dict[str, str]) -> str:
    return (
        f"{machine['cores']} cores of {machine['processor']}, {machine['memory']}, "
        f"{machine['system']}, Python {machine['python']}, {machine['packages']}. "
        "`*`: more than 0.15 cores were busy with something else."
    )


def _rows(results: Results) -> Iterable[Sequence[str]]:
    for system in results.systems.values():
        for endpoint in ("generate", "chat"):
            if any(name.startswith(f"{endpoint}/") for name in system.loads):
                yield _row(system, endpoint)


def _row(system: SystemResult, endpoint: str) -> Sequence[str]:
    requests = [system.loads.get(f"{endpoint}/requests/{count}") for count in (1, 16, 64)]
    streams = system.loads.get(f"{endpoint}/streams/{STREAMS}")
    return (
        f"{system.name}, {endpoint}",
        _added(system, f"{endpoint}/requests/1"),
        " · ".join(_number(m, m.outcome.per_second) if m else NOT_MEASURED for m in requests),
        " · ".join(_number(m, m.cpu_ms, 2) if m else NOT_MEASURED for m in requests),
        _first_token(system, f"{endpoint}/streams/1", 0.0),
        _first_token(system, f"{endpoint}/paced/{STREAMS}", PACE_S * 1000),
        _number(streams, streams.outcome.tokens_per_second) if streams else NOT_MEASURED,
        _number(streams, streams.cpu_us) if streams else NOT_MEASURED,
        _memory(system.memory_mb),
        f"{system.idle_cores:.2f}",
    )


def _added(system: SystemResult, load: str) -> str:
    if load not in system.loads:
        return NOT_MEASURED
    p50, p99 = (system.added_ms(load, "latency_ms", share) for share in ("p50", "p99"))
    return f"{p50:.1f} / {_number(system.loads[load], p99, 1)}"


def _first_token(system: SystemResult, load: str, pace_ms: float) -> str:
    if load not in system.loads:
        return NOT_MEASURED
    added = system.added_ms(load, "first_token_ms", "p50") - pace_ms
    return _number(system.loads[load], added, 1)


def _number(measured: Measured, value: float, digits: int = 0) -> str:
    failed = f" ({measured.outcome.failed} failed)" if measured.outcome.failed else ""
    return f"{value:,.{digits}f}{'*' if measured.is_noisy else ''}{failed}"


def _memory(memory: dict[str, float]) -> str:
    return f"{memory['pss']:,.0f} / {memory['rss']:,.0f} ({memory['processes']:.0f})"


def _engine(engine: EngineResult) -> str:
    return (
        f"vLLM, 100 million random weights, {STREAMS} streams: through the whole graph "
        f"{median(engine.ours):,.0f} tokens/s (first token {engine.ours_first_token_ms:,.0f} ms), "
        f"from vLLM's own server {median(engine.server):,.0f} "
        f"({engine.server_first_token_ms:,.0f} ms): ratio {engine.ratio:.2f}."
    )


def _goal_row(goal: Goal) -> Sequence[str]:
    sign = "≥" if goal.at_least else "≤"
    value = f"{goal.value:,.0f}" if goal.value >= 100 else f"{goal.value:.2f}"
    measured, wanted = f"{value} {goal.unit}", f"{sign} {goal.bound:,g} {goal.unit}"
    return goal.what, measured.strip(), wanted.strip(), "met" if goal.is_met else "**missed**"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
