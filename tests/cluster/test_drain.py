import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.drain import LEAST_S, drain, drain_command, has_replica, node_id

RAYLET = [
    "/opt/venv/ray/core/src/ray/raylet/raylet",
    "--node_id=00ff",
    "--node_ip_address=10.0.0.1",
]
REPLICA = ["ray::ServeReplica:assistant:LLM"]


class Clock:
    """A fake clock that advances by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def drained(within_s: float, busy: Callable[[float], bool]) -> tuple[bool, float, list[float]]:
    clock, announced = Clock(), list[float]()
    done = drain(
        within_s,
        announce=announced.append,
        busy=lambda: busy(clock.now),
        clock=clock,
        sleep=clock.sleep,
    )
    return done, clock.now, announced


def test_it_waits_until_nothing_is_left_to_answer() -> None:
    done, took_s, announced = drained(180, lambda now: now < 42)

    assert (done, took_s, announced) == (True, 42, [180])


def test_an_idle_node_stays_until_load_balancers_have_heard() -> None:
    done, took_s, _ = drained(180, lambda now: False)

    assert (done, took_s) == (True, LEAST_S)


def test_it_gives_up_when_the_time_is_up() -> None:
    done, took_s, _ = drained(60, lambda now: True)

    assert (done, took_s) == (False, 60)


def test_the_node_is_that_of_the_raylet_of_this_pod() -> None:
    assert node_id([[], ["bash"], RAYLET, REPLICA]) == "00ff"
    assert node_id([["bash"], REPLICA]) is None


def test_replicas_are_told_from_other_actors_by_their_title() -> None:
    assert has_replica([["bash"], REPLICA])
    assert not has_replica([RAYLET, ["ray::ProxyActor"], []])


def test_ray_has_the_command_with_these_options() -> None:
    command = drain_command("head:6379", "00ff", 180)
    spec = importlib.util.find_spec("ray")
    assert spec is not None
    assert spec.origin is not None
    scripts = Path(spec.origin).with_name("scripts") / "scripts.py"
    declared = scripts.read_text().partition("def drain_node(")[0].rpartition("@cli.command")[2]

    for option in (word for word in command if word.startswith("--")):
        assert f'"{option}"' in declared
    reasons = importlib.import_module("ray.core.generated.autoscaler_pb2").DrainNodeReason
    assert reasons.Value(command[command.index("--reason") + 1]) > 0


@pytest.mark.parametrize(("address", "named"), [("head:6379", True), ("", False)])
def test_the_address_is_given_where_it_is_known(address: str, named: bool) -> None:
    assert ("--address" in drain_command(address, "00ff", 1)) is named
