"""An edge that is killed, in a cluster that is nothing but a process with which it must end."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from deployments.edge_supervisor import RAYLET
from deployments.free_port import free_port
from tests.deployments.test_edge_errors import exchange

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """global
    stats socket {folder}/admin.sock mode 666 level admin expose-fd listeners
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend http_frontend
    bind 127.0.0.1:{port}
    {rule}
    default_backend default_backend
backend default_backend
    http-request return status 404 content-type text/plain lf-string "Path not found."
listen stats
  bind *:{stats}
  stats enable
"""
KNOWS = "use_backend default_backend if { path_beg / }"


@dataclass
class Cluster:
    folder: Path
    port: int = field(default_factory=free_port)
    stats: int = field(default_factory=free_port)
    raylet: "subprocess.Popen[bytes]" = field(
        default_factory=lambda: subprocess.Popen(["sleep", "600"])
    )
    edges: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def start(self, *arguments: str, knows: bool = True) -> "subprocess.Popen[bytes]":
        """As Serve does it: with a configuration that it has just written."""
        file = self.folder / "haproxy.cfg"
        rule = KNOWS if knows else ""
        ports = {"port": self.port, "stats": self.stats}
        file.write_text(CONFIG.format(folder=self.folder, rule=rule, **ports))
        command = [sys.executable, str(ROOT / "cluster/edge/haproxy"), "-db", "-f", str(file)]
        environment = {**os.environ, RAYLET: str(self.raylet.pid)}
        edge = subprocess.Popen([*command, "-dR", *arguments], env=environment)
        self.edges.append(edge)
        return edge

    def status(self) -> bytes:
        """Asked again where the connection broke off with a process that died."""
        while not (head := exchange(self.port, b"GET / HTTP/1.0\r\n\r\n")[0]):
            time.sleep(0.01)
        return head[9:12]

    def start_aside(self) -> "subprocess.Popen[bytes]":
        """One that does not know the application yet."""
        fresh = self.start(knows=False)
        while not (self.folder / "aside.sock").exists():
            time.sleep(0.02)
        return fresh

    def lose_edge(self) -> None:
        """Kill the edge that serves; its stand-in serves from now on."""
        edge = self.start()
        self.status()
        edge.kill()
        edge.wait()
        self.status()

    def running(self) -> list[psutil.Process]:
        """Also those that watch."""
        mark = f"{self.folder}/"
        found = psutil.process_iter(["cmdline"])
        return [p for p in found if any(part.startswith(mark) for part in p.info["cmdline"] or ())]

    def ended(self, within_s: float = 10.0) -> bool:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            for edge in self.edges:
                edge.poll()
            if not self.running():
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        yield cluster
    finally:
        cluster.raylet.kill()
        cluster.raylet.wait()
        ended = cluster.ended()
        for left in cluster.running():
            with suppress(psutil.NoSuchProcess):
                left.kill()
        for edge in cluster.edges:
            edge.wait(10)
    assert ended


def test_an_edge_that_is_killed_is_soon_there_again(cluster: Cluster) -> None:
    edge = cluster.start()
    assert cluster.status() == b"404"

    edge.kill()
    edge.wait()
    killed = time.monotonic()

    assert cluster.status() == b"404"
    assert time.monotonic() - killed < 10.0


def test_serve_finds_nobody_at_the_admin_socket_of_the_dead(cluster: Cluster) -> None:
    cluster.lose_edge()

    stand_in = (cluster.folder / "stand-in.cfg").read_text()

    assert f"stats socket {cluster.folder}/stand-in.sock mode 600" in stand_in


def test_a_stand_in_that_is_killed_is_replaced_too(cluster: Cluster) -> None:
    cluster.lose_edge()

    os.kill(int((cluster.folder / "serving.pid").read_text()), 9)

    assert cluster.status() == b"404"


def test_an_edge_that_knows_nothing_yet_leaves_the_stand_in_in_its_place(cluster: Cluster) -> None:
    cluster.lose_edge()

    fresh = cluster.start_aside()

    assert {cluster.status() for _ in range(20)} == {b"404"}
    assert fresh.poll() is None


def test_one_that_knows_the_application_takes_the_place_of_all_before(cluster: Cluster) -> None:
    cluster.lose_edge()
    fresh = cluster.start_aside()

    whole = cluster.start("-sf", str(fresh.pid))
    fresh.wait(10)

    def left() -> set[int]:
        return {p.pid for p in cluster.running() if "stand-in.cfg" in " ".join(p.cmdline())}

    until = time.monotonic() + 10
    while left() and time.monotonic() < until:
        time.sleep(0.05)
    assert not left()
    assert cluster.status() == b"404"
    assert int((cluster.folder / "serving.pid").read_text()) == whole.pid


def test_an_orderly_change_leaves_one_edge_and_no_stand_in(cluster: Cluster) -> None:
    first = cluster.start()
    cluster.status()

    second = cluster.start("-sf", str(first.pid))
    first.wait(10)
    time.sleep(0.5)

    assert cluster.status() == b"404"
    assert not (cluster.folder / "stand-in.cfg").exists()
    assert second.poll() is None


def test_the_edge_ends_with_its_cluster(cluster: Cluster) -> None:
    cluster.start()
    cluster.status()

    cluster.raylet.kill()
    cluster.raylet.wait()

    assert cluster.ended()
