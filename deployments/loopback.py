"""Binds the gRPC port of each replica to loopback when Ray runs on a single machine.

Every replica of Serve 2.60 listens on all interfaces for calls of other deployments, without
authentication, and unpickles what it receives: whoever reaches the port can run code. Serve has no
setting for the address, so the function that opens the port is patched in each replica before it is
called. A cluster of several nodes needs the port, and guards it with a network policy.
"""

import os
from collections.abc import Callable
from typing import Any

from ray.serve._private import replica

from deployments.local_ray import LOOPBACK_ONLY


def keep_replicas_on_loopback() -> None:
    """Safe to call twice. Does nothing unless ``GENAI_LOOPBACK_ONLY`` is 1 in the environment."""
    if os.environ.get(LOOPBACK_ONLY) != "1":
        return
    add_port: Callable[[Any, str], int] = vars(replica)["add_port_to_grpc_server"]

    def add_loopback_port(server: Any, address: str) -> int:
        return add_port(server, address.replace("[::]", "127.0.0.1"))

    vars(replica)["add_port_to_grpc_server"] = add_loopback_port
