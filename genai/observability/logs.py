"""Structured logs: one JSON object per line, with a constant message and everything else as fields.

    logger.info("request", extra={"request_id": ..., "status": 200})

Fields never contain the text of requests or answers. Personal data and secrets are redacted in exceptions.
A background thread formats and writes the lines, in batches of a tenth of a second, because waking it for
each line costs more than the line. Warnings wake it at once. When it cannot keep up, lines are dropped and
counted; callers never wait.
"""

import atexit
import datetime
import logging
import re
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import TextIO

import orjson

from genai.messages import Decision
from genai.observability.recorder import NoRecorder
from genai.safety.cleaned import cleaned

logger = logging.getLogger("genai.requests")

_INPUT_OF_PYDANTIC = re.compile(r"input_value=.{0,200}?, input_type=")

WAITING_LINES = 10_000
WRITTEN_EVERY_S = 0.1


@cache
def _standard_attributes(factory: Callable[..., logging.LogRecord]) -> frozenset[str]:
    """Attributes of every record, including those of a custom record factory."""
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
        standard = _standard_attributes(logging.getLogRecordFactory())
        line |= {name: value for name, value in vars(record).items() if name not in standard}
        if record.exc_info:
            line["exception"] = redacted_traceback(record.exc_info[1])
        return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def redacted_traceback(error: BaseException | None) -> str:
    """The exception with its traceback, with personal data and secrets redacted."""
    # Not `formatException`: it prints, and in a replica Ray replaces `print`.
    whole = "".join(traceback.format_exception(error)).rstrip()
    return cleaned(_INPUT_OF_PYDANTIC.sub("input_value=..., input_type=", whole))


class WritingHandler(logging.Handler):
    """Queues records for a thread that formats and writes them to ``stream``.

    ``dropped`` counts records that did not fit into the queue.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        most_waiting: int = WAITING_LINES,
        every_s: float = WRITTEN_EVERY_S,
    ) -> None:
        super().__init__()
        self.setFormatter(JSONFormatter())
        self.dropped = 0
        self._stream = stream
        self._every_s = every_s
        self._waiting: deque[logging.LogRecord] = deque()
        self._most_waiting = most_waiting
        self._hurry = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write queued records, then stop. Safe to call twice."""
        self._stopped = True
        self._hurry.set()
        self._thread.join()

    def emit(self, record: logging.LogRecord) -> None:
        if len(self._waiting) >= self._most_waiting:
            self.dropped += 1
            return
        self._waiting.append(record)
        if record.levelno >= logging.WARNING:
            self._hurry.set()

    def _run(self) -> None:
        while not self._stopped:
            self._hurry.wait(self._every_s)
            self._hurry.clear()
            self._write()
        self._write()

    def _write(self) -> None:
        lines: list[str] = []
        while self._waiting:
            record = self._waiting.popleft()
            try:
                lines.append(f"{self.format(record)}\n")
            except Exception:
                self.handleError(record)
        if lines:
            with suppress(OSError, ValueError):  # the stream is closed
                self._stream.write("".join(lines))
                self._stream.flush()


def configure(
    level: int = logging.INFO, stream: TextIO | None = None, name: str = ""
) -> Callable[[], None]:
    """Write the logs of this process, or of the logger ``name``, as JSON.

    Returns a function that restores the previous handlers and writes queued records.
    """
    handler = WritingHandler(stream or sys.__stderr__ or sys.stderr)
    top = logging.getLogger(name)
    before, level_before = top.handlers[:], top.level
    top.handlers[:] = [handler]
    top.setLevel(level)
    handler.start()
    atexit.register(handler.stop)

    def stop() -> None:
        atexit.unregister(handler.stop)
        top.handlers[:] = before
        top.setLevel(level_before)
        handler.stop()

    return stop


class RequestLog(NoRecorder):
    """A `Recorder` that logs each request, and each decision other than ``allow``."""

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
