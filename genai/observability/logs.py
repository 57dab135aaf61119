"""Structured logs: one JSON object a line, a constant message, everything else as fields.

    logger.info("request", extra={"request_id": ..., "status": 200})

The text of requests and answers never belongs into a field. Lines are formatted and written by a
thread of its own; when it cannot follow, lines are dropped and counted, and nobody waits.
"""

import datetime
import logging
import queue
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from logging.handlers import QueueHandler, QueueListener
from typing import TextIO

import orjson

from genai.messages import Decision
from genai.observability.recorder import NoRecorder

logger = logging.getLogger("genai.requests")

WAITING_LINES = 10_000


@cache
def _usual(factory: Callable[..., logging.LogRecord]) -> frozenset[str]:
    """What every record has, also by the doing of a package that put its own factory in place."""
    bare = vars(factory("", logging.INFO, "", 0, "", (), None))
    return frozenset(bare) | {"message", "asctime", "taskName"}


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        usual = _usual(logging.getLogRecordFactory())
        line |= {name: value for name, value in vars(record).items() if name not in usual}
        if record.exc_info:
            # Not by `formatException`, which prints: in a replica, Ray puts its own `print` in place.
            line["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


class DroppingHandler(QueueHandler):
    """Hands records over as they are. ``dropped`` counts those for which there was no room."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class PatientListener(QueueListener):
    """Waits for room to say that it shall stop, where its base would raise."""

    def __init__(
        self, lines: queue.Queue[logging.LogRecord | None], handler: logging.Handler
    ) -> None:
        super().__init__(lines, handler)
        self._lines = lines

    def enqueue_sentinel(self) -> None:
        self._lines.put(None)


def configure(
    level: int = logging.INFO, stream: TextIO | None = None, name: str = ""
) -> Callable[[], None]:
    """Send the logs of this process, or those below ``name``, through the queue as JSON.

    Returns what stops it again and writes out what waits.
    """
    target = logging.StreamHandler(stream or sys.__stderr__)
    target.setFormatter(JSONFormatter())
    lines: queue.Queue[logging.LogRecord | None] = queue.Queue(WAITING_LINES)
    listener, handler = PatientListener(lines, target), DroppingHandler(lines)
    top = logging.getLogger(name)
    before, level_before = top.handlers[:], top.level
    top.handlers[:] = [handler]
    top.setLevel(level)
    listener.start()

    def stop() -> None:
        top.handlers[:] = before
        top.setLevel(level_before)
        listener.stop()

    return stop


class RequestLog(NoRecorder):
    """A `Recorder` that writes one line a request, and one for each check that objected."""

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None:
        fields = {
            "request_id": request_id,
            "operation": operation,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "tenant": tenant,
        }
        logger.log(logging.INFO if status < 500 else logging.ERROR, "request", extra=fields)

    def decisions(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if decision.action != "allow":
                fields = {
                    "check": decision.check,
                    "stage": decision.stage,
                    "action": decision.action,
                    "rule": decision.rule,
                }
                logger.info("safety decision", extra=fields)
