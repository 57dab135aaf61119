"""Starts Ray's dashboard with the Jobs API only.

The full dashboard runs six more processes, for pages that nobody opens on a single machine. Ray has no
setting for a part of it, so the function that starts it is patched in the process that starts Ray.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ray._private import ray_constants, services

MODULES = "--modules-to-load=JobHead,NodeHead,EventHead,UsageStatsHead"
"""`JobHead` needs the other three: `NodeHead` names the node to run on, whose agent reports to them."""


@contextmanager
def jobs_api_only() -> Iterator[None]:
    """Patches the start of the dashboard for the duration of the block."""
    start: Callable[..., Any] = services.start_ray_process

    def start_less(command: list[str], process_type: str, *args: Any, **kwargs: Any) -> Any:
        if process_type == ray_constants.PROCESS_TYPE_DASHBOARD:
            command = [*command, MODULES]
        return start(command, process_type, *args, **kwargs)

    vars(services)["start_ray_process"] = start_less
    try:
        yield
    finally:
        vars(services)["start_ray_process"] = start
