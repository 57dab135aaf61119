"""Ray's dashboard with nothing in it but the door for jobs.

Six more processes would serve pages that nobody looks at on one machine. Ray's settings know all of it
or none, so the function that starts it is replaced, in the process that starts Ray.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ray._private import ray_constants, services

MODULES = "--modules-to-load=JobHead,NodeHead,EventHead,UsageStatsHead"
"""Jobs are started on the node that the second one names, and the agent of the node tells the third."""


@contextmanager
def only_jobs() -> Iterator[None]:
    """For the block in which Ray is started with its dashboard."""
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
