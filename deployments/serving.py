"""What a replica does once it has loaded what it works with."""

from deployments.garbage import settle
from deployments.precedence import step_back


def begin_serving() -> None:
    """Safe to call twice."""
    settle()
    step_back()
