"""Calls that Serve does not count as parts of the request that makes them."""

from contextvars import copy_context
from typing import Any

from ray.serve.context import _unset_request_context
from ray.serve.handle import DeploymentHandle


def begun_alone(method: DeploymentHandle[Any], arguments: tuple[object, ...]) -> Any:
    """The response of ``method.remote``.

    When the client of a request leaves, Serve also cancels all calls that it made, and their results,
    which tell what they have used, are lost. Whoever begins a call like this has to cancel it.
    """
    context = copy_context()
    context.run(_unset_request_context)
    return context.run(method.remote, *arguments)
