import logging

import pytest

from deployments.caller_errors import SERVE_LOGGER, keep_caller_errors_out_of_the_log
from deployments.stoppable import Stopped
from genai.errors import BackendFailed, ContentRefused, GenAIError, InvalidInput


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (InvalidInput("no JSON here", "response_format"), 0),
        (ContentRefused("refused", "injection"), 0),
        (Stopped("the caller has left"), 0),
        (BackendFailed("the engine died"), 1),
    ],
)
def test_only_what_is_not_the_callers_fault_is_logged(error: GenAIError, lines: int) -> None:
    heard: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = heard.append  # type: ignore[method-assign]
    logger = logging.getLogger(SERVE_LOGGER)
    keep_caller_errors_out_of_the_log()
    logger.addHandler(handler)
    try:
        try:
            raise error
        except GenAIError:
            logger.exception("Request failed.")
    finally:
        logger.removeHandler(handler)

    assert len(heard) == lines
