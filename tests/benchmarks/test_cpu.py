import psutil
import pytest

from benchmarks.cpu import Reading, Used, between, less_idle, memory_mb, read


def test_new_processes_count_in_full_and_ended_ones_not_at_all() -> None:
    before = Reading(10.0, {1: ("a", 5.0), 2: ("b", 1.0)}, machine=100.0)
    after = Reading(12.0, {1: ("a", 6.0), 3: ("a", 0.5)}, machine=103.0)

    used = between(before, after)

    assert used == Used(2.0, {"a": 1.5}, 3.0)
    assert used.cpu_s == 1.5


def test_a_process_that_changes_its_title_is_still_the_same() -> None:
    before = Reading(0.0, {1: ("ray::idle", 5.0)}, machine=0.0)
    after = Reading(1.0, {1: ("ray::busy", 5.5)}, machine=0.5)

    assert between(before, after).by_name == {"ray::busy": 0.5}


@pytest.mark.parametrize(("idle_s", "left"), [(0.0, 3.0), (0.5, 2.0), (9.0, 0.0)])
def test_what_idle_processes_use_is_taken_off(idle_s: float, left: float) -> None:
    used = Used(10.0, {"a": 3.0}, machine=3.0)

    assert less_idle(used, Used(5.0, {"a": idle_s}, machine=0.0)) == left


def test_a_living_process_has_cpu_time_and_memory() -> None:
    own = psutil.Process()

    assert next(iter(read([own]).by_process.values()))[1] > 0
    memory = memory_mb([own])
    assert 0 < memory["pss"] <= memory["rss"]
    assert memory["processes"] == 1
