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
            line["exception"] = told(record.exc_info[1])
        return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def told(error: BaseException | None) -> str:
    """The exception with its traceback, but without what its message may repeat of people's data."""
    # Not by `formatException`, which prints: in a replica, Ray puts its own `print` in place.
    whole = "".join(traceback.format_exception(error)).rstrip()
    return cleaned(_INPUT_OF_PYDANTIC.sub("input_value=..., input_type=", whole))


class WritingHandler(logging.Handler):
    """Keeps records as they are until its thread writes them to ``stream``.

    ``dropped`` counts those for which there was no room.
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
        self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when all that waits is written. Safe to call twice."""
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

    def _write_on(self) -> None:
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
            with suppress(OSError, ValueError):  # nobody reads it any more
                self._stream.write("".join(lines))
                self._stream.flush()


def configure(
    level: int = logging.INFO, stream: TextIO | None = None, name: str = ""
) -> Callable[[], None]:
    """Write the logs of this process, or those below ``name``, as JSON from now on.

    Returns what stops it again and writes out what waits.
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
