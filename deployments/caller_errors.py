"""Keeps client errors out of Serve's error log.

Serve 2.60 logs every exception that leaves a replica as "Request failed." with its traceback. For a
`CallerError` that is noise: the ingress logs its status with the request id. So it is for a call whose
caller has left.
"""

import logging

from deployments.stoppable import Stopped
from genai.errors import CallerError

SERVE_LOGGER = "ray.serve"


def keep_caller_errors_out_of_the_log() -> None:
    """Safe to call twice."""
    logging.getLogger(SERVE_LOGGER).addFilter(not_the_callers)


def not_the_callers(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(getattr(error, "cause", error), CallerError | Stopped)
