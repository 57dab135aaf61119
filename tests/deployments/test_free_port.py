import socket

import pytest

from deployments.free_port import free_port, free_range

PORTS = range(30_000, 30_040)


def test_neighbouring_ports_are_found_where_all_are_free() -> None:
    found = free_range(PORTS, 10, seed=0)

    assert len(found) == 10
    assert set(found) <= set(PORTS)
    assert found[0] % 10 == 0


def test_a_range_in_which_one_port_is_taken_is_passed_over() -> None:
    first = free_range(PORTS, 10, seed=2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first[3]))
        taken.listen()

        assert free_range(PORTS, 10, seed=2) != first


def test_other_seeds_begin_elsewhere() -> None:
    assert free_range(PORTS, 10, seed=0) != free_range(PORTS, 10, seed=1)


def test_where_none_is_free_that_is_said() -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        with pytest.raises(OSError, match="neighbouring"):
            free_range(range(port, port + 1), 1, seed=0)
