"""A port of 127.0.0.1 that nobody uses now; somebody else may take it before its user does."""

import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
