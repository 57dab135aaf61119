"""The last step of a replica's start, once its models and data are loaded."""

from deployments.process_memory import freeze_and_trim
from deployments.process_priority import lower_priority


def begin_serving() -> None:
    """Safe to call twice."""
    freeze_and_trim()
    lower_priority()
