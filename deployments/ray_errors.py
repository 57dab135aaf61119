"""Translates the exceptions of Ray's handles into those of `genai.errors`."""

from collections.abc import Iterator
from contextlib import contextmanager

from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

from genai.errors import BackendFailed, GenAIError, Overloaded


class ReplicaLost(BackendFailed):
    """The replica died or does not exist; the call may be repeated on another one."""


@contextmanager
def translated(callee: str) -> Iterator[None]:
    """Turn Ray's exceptions into those of `genai.errors`."""
    try:
        yield
    except RayTaskError as error:
        # Ray subclasses the original on the fly, with the remote traceback as its text.
        if isinstance(error.cause, GenAIError):
            raise error.cause from None
        raise BackendFailed(f"{callee} failed") from error
    except BackPressureError as error:
        raise Overloaded(f"{callee} has too many requests waiting") from error
    except (RayActorError, DeploymentUnavailableError) as error:
        raise ReplicaLost(f"{callee} is unavailable") from error
