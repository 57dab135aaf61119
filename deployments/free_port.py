"""Checks ports, and finds free ones of 127.0.0.1. Another process may take one before it is used."""

import socket
from contextlib import closing

_LAST = 65_535


def mistake_in_port(port: int) -> str | None:
    """Why no machine has this port; None if it may be used."""
    return None if 1 <= port <= _LAST else f"a port is a number from 1 to {_LAST}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_range(ports: range, size: int, seed: int) -> range:
    """Finds ``size`` consecutive free ports among ``ports``, from a position given by ``seed`` on.

    Raises `OSError` if there are none.
    """
    count = len(ports) // size
    for number in range(seed % count, seed % count + count):
        first = ports[number % count * size]
        found = range(first, first + size)
        if all(map(_is_free, found)):
            return found
    raise OSError(f"no {size} neighbouring ports from {ports[0]} to {ports[-1]} are free")


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
