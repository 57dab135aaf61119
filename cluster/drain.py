"""Drains a Ray node before its pod stops: the pod's ``preStop`` hook.

    python -m cluster.drain --within 180 --port 8000

Announces the drain to Ray, so that Serve starts the replicas elsewhere and the pod leaves the
Kubernetes service. Returns when no replica and no client connection is left, or after the time limit.
Never fails, because the pod stops in any case.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

import psutil

LEAST_S = 10.0
"""Time for every load balancer to learn of the drain."""

POLL_S = 1.0
NODE_ID = "--node_id="


def drain(
    within_s: float,
    *,
    announce: Callable[[float], None],
    busy: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Announces the drain, then waits until nothing is left to do. Returns false after the time limit."""
    started = clock()
    announce(within_s)
    while clock() - started < within_s:
        if clock() - started >= LEAST_S and not busy():
            return True
        sleep(POLL_S)
    return False


def announce(within_s: float) -> None:
    """Tells Ray that this node drains. Only logs a failure."""
    node = node_id(commands())
    if node is None:
        sys.stderr.write("no raylet runs here\n")
        return
    command = drain_command(os.environ.get("RAY_ADDRESS", ""), node, within_s)
    subprocess.run(command, check=False, timeout=60)  # noqa: S603


def drain_command(address: str, node: str, within_s: float) -> list[str]:
    return [
        *(sys.executable, "-m", "ray.scripts.scripts", "drain-node"),
        *(("--address", address) if address else ()),
        *("--node-id", node),
        *("--reason", "DRAIN_NODE_REASON_PREEMPTION"),
        *("--reason-message", "the pod is stopping"),
        *("--deadline-remaining-seconds", str(int(within_s))),
    ]


def node_id(commands: Iterable[list[str]]) -> str | None:
    """The id of the node whose raylet is among these command lines."""
    for command in commands:
        if command and command[0].endswith("raylet"):
            for argument in command:
                if argument.startswith(NODE_ID):
                    return argument.removeprefix(NODE_ID)
    return None


def busy(port: int) -> bool:
    """Whether a replica runs here, or a client is connected to the proxy at this port."""
    return has_replica(commands()) or any(
        connection.status == psutil.CONN_ESTABLISHED
        and connection.laddr
        and connection.laddr.port == port
        for connection in psutil.net_connections("tcp")
    )


def has_replica(commands: Iterable[list[str]]) -> bool:
    return any(command and command[0].startswith("ray::ServeReplica") for command in commands)


def commands() -> Iterable[list[str]]:
    for process in psutil.process_iter(["cmdline"]):
        yield process.info["cmdline"] or []


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--within", type=float, required=True, help="seconds")
    parser.add_argument("--port", type=int, required=True, help="of the proxy")
    args = parser.parse_args(argv)
    if not drain(args.within, announce=announce, busy=lambda: busy(args.port)):
        sys.stderr.write("the time was up before everything was answered\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
