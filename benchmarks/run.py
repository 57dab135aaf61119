"""Measures the service and other servers on this machine, and prints a table.

    python -m benchmarks.run [--parts deployments inline litellm vllm] [--seconds 5]

Everything listens on 127.0.0.1 and is stopped at the end. The results go to benchmarks/results/.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks import configs, cpu
from benchmarks.direct import measure_direct
from benchmarks.engine import measure_engine
from benchmarks.measure import Meter
from benchmarks.plan import ANSWER_WORDS, Durations, LoadPlan
from benchmarks.report import markdown
from benchmarks.results import Results, SystemResult
from benchmarks.systems import System, litellm, ours, upstream

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path("benchmarks/results")
CLIENTS = (1, 16, 64)
SETTLE_S = 2.0


class Run:
    """A run: its durations, and its results so far."""

    def __init__(self, durations: Durations) -> None:
        self.durations = durations
        self.results = Results()

    def deployments(self) -> None:
        """The service with the shipped placement."""
        self._service("deployments", configs.scripted(configs.shipped()))

    def inline(self) -> None:
        """The service in one process."""
        self._service("inline", configs.inline(configs.scripted(configs.shipped())))

    def litellm(self) -> None:
        """LiteLLM's proxy, and the mock upstream alone."""
        with upstream() as mock:
            direct = self._measure(mock, {}, clients=(1,))
            first, whole = direct.loads["chat/streams/1"], direct.loads["chat/requests/1"]
            baseline = {
                "latency_ms": whole.outcome.latency_ms,
                "first_token_ms": first.outcome.first_token_ms,
            }
            with litellm(mock.port) as proxy:
                self._keep(proxy, baseline, beside=lambda: list(mock.members()))

    def vllm(self) -> None:
        """A real engine through the graph, and behind vLLM's own server."""
        self.results.engine = measure_engine()

    def _service(self, name: str, config: configs.Config) -> None:
        baseline = measure_direct(ANSWER_WORDS)
        with ours(name, config) as system:
            self._keep(system, baseline)

    def _keep(
        self,
        system: System,
        baseline: dict[str, dict[str, float]],
        beside: Callable[[], list[psutil.Process]] = lambda: [],
    ) -> None:
        result = self._measure(system, baseline, clients=CLIENTS, beside=beside)
        self.results.systems[system.name] = result

    def _measure(
        self,
        system: System,
        baseline: dict[str, dict[str, float]],
        *,
        clients: tuple[int, ...],
        beside: Callable[[], list[psutil.Process]] = lambda: [],
    ) -> SystemResult:
        plan = LoadPlan(system, self.durations)
        _warm_up(system, plan)
        idle = cpu.over(system.members, self.durations.idle_s)
        result = SystemResult(system.name, idle.cpu_s / idle.seconds, baseline)
        meter = Meter(system, idle, beside)
        for name, load in plan.loads(clients):
            say(f"  {system.name}: {name}")
            measured = result.loads[name] = meter.measure(load)
            if measured.outcome.failed:
                say(f"    {measured.outcome.failed} failed: {measured.outcome.failure}")
        result.memory_mb = cpu.memory_mb(system.members())
        return result


def _warm_up(system: System, plan: LoadPlan) -> None:
    meter = Meter(system, cpu.over(system.members, 0.1))
    for load in plan.warm_up():
        outcome = meter.measure(load).outcome
        if not outcome.requests:
            raise RuntimeError(f"{system.name} answers nothing: {outcome.failure}")
    time.sleep(SETTLE_S)


PARTS: dict[str, Callable[[Run], None]] = {
    "deployments": Run.deployments,
    "inline": Run.inline,
    "litellm": Run.litellm,
    "vllm": Run.vllm,
}


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = Run(Durations(load_s=args.seconds))
    for part in args.parts:
        say(f"Measuring {part} ...")
        try:
            PARTS[part](run)
        except (RuntimeError, OSError) as error:
            run.results.errors[part] = str(error)
            say(f"  not measured: {error}")
    write(run.results)
    return 1 if run.results.errors else 0


def write(results: Results) -> None:
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(results.started))
    path = RESULTS / f"{stamp}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results.as_json(), indent=1) + "\n")
    table = markdown(results)
    path.with_suffix(".md").write_text(table)
    say(f"\n{table}\nWritten to {path}.")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
