"""Keeps the logs of an ingress in this process out of pytest's output."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from genai.observability.logs import WritingHandler

CONFIGURED = ("genai", "deployments")
"""The loggers to which an ingress gives a handler, for the life of its process."""


@contextmanager
def loggers_left_alone() -> Iterator[None]:
    """Undoes at the end what was done to the loggers in the block."""
    loggers = [logging.getLogger(name) for name in CONFIGURED]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    try:
        yield
    finally:
        for logger, (handlers, level) in zip(loggers, before, strict=True):
            added = [each for each in logger.handlers if each not in handlers]
            logger.handlers[:] = handlers
            logger.setLevel(level)
            for handler in added:
                if isinstance(handler, WritingHandler):
                    handler.stop()
