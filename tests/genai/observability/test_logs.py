import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from genai.messages import Decision
from genai.observability import logs
from genai.observability.logs import JSONFormatter, RequestLog, WritingHandler, configure

Written = Callable[[], list[dict[str, object]]]


@pytest.fixture
def written() -> Iterator[Written]:
    """The logged lines; reading them stops the logging."""
    stream = io.StringIO()
    stop = configure(stream=stream, name="genai")

    def read() -> list[dict[str, object]]:
        stop()
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield read
    logging.getLogger("genai").handlers.clear()


def test_a_line_is_a_json_object_with_its_fields(written: Written) -> None:
    logging.getLogger("genai.x").info("done", extra={"request_id": "r1", "n": 3})

    (line,) = written()

    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "genai.x",
        "message": "done",
        "request_id": "r1",
        "n": 3,
    }


def test_an_exception_is_a_field(written: Written) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("genai.x").exception("failed")

    assert "ValueError: broken" in str(written()[0]["exception"])


class Body(BaseModel):
    text: int


def parsed(said: str) -> None:
    Body.model_validate({"text": said})


def failed(said: str) -> None:
    raise RuntimeError(f"no such thing: {said}") from KeyError(said)


@pytest.mark.parametrize("work", [parsed, failed, json.loads, int])
def test_exceptions_are_redacted(written: Written, work: Callable[[str], object]) -> None:
    try:
        work("4111 1111 1111 1111, ada@example.com")
    except Exception:
        logging.getLogger("genai.x").exception("failed")

    told = str(written()[0]["exception"])
    assert "Traceback" in told
    assert "Error" in told
    assert "1111" not in told
    assert "ada@" not in told


def test_input_in_pydantic_errors_is_redacted(written: Written) -> None:
    said = " ".join(("I am", "Ada", "Byron"))
    try:
        parsed(said)
    except ValueError:
        logging.getLogger("genai.x").exception("failed")

    told = str(written()[0]["exception"])
    assert said not in told
    assert "type=int_parsing, input_value=..., input_type=str" in told


def test_fields_that_are_not_json_are_logged_by_repr(written: Written) -> None:
    logging.getLogger("genai.x").info("odd", extra={"what": object(), "by": {1: b"x"}})

    assert "object" in str(written()[0]["what"])


def test_a_newline_cannot_forge_a_line(written: Written) -> None:
    logging.getLogger("genai.x").info("one", extra={"request_id": 'r1\n{"level": "error"}'})

    assert len(written()) == 1


def test_lines_beyond_the_queue_are_dropped_and_counted() -> None:
    handler = WritingHandler(io.StringIO(), most_waiting=3)

    for _ in range(5):
        handler.handle(logging.makeLogRecord({"msg": "late", "levelno": logging.INFO}))

    assert handler.dropped == 2


def test_stopping_writes_all_queued_lines() -> None:
    stream = io.StringIO()
    stop = configure(stream=stream, name="genai")

    for i in range(logs.WAITING_LINES):
        logging.getLogger("genai.x").info("line", extra={"i": i})
    stop()

    assert len(stream.getvalue().splitlines()) == logs.WAITING_LINES


class Flushed(io.StringIO):
    """Signals when it is flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.once = threading.Event()

    def flush(self) -> None:
        super().flush()
        self.once.set()


def test_a_warning_is_written_at_once_with_what_came_before() -> None:
    stream = Flushed()
    handler = WritingHandler(stream, every_s=60)
    handler.start()

    for level in ("INFO", "WARNING"):
        handler.handle(logging.makeLogRecord({"msg": level, "levelno": getattr(logging, level)}))

    assert stream.once.wait(10)
    lines = map(json.loads, stream.getvalue().splitlines())
    assert [line["message"] for line in lines] == ["INFO", "WARNING"]
    handler.stop()


def test_lines_are_written_in_the_background() -> None:
    stream = Flushed()
    handler = WritingHandler(stream, every_s=0.01)
    handler.start()

    handler.handle(logging.makeLogRecord({"msg": "one", "levelno": logging.INFO}))

    assert stream.once.wait(10)
    handler.stop()


def test_a_line_that_cannot_be_formatted_does_not_stop_the_writer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    handler = WritingHandler(stream)
    handler.start()

    for given in (("%d", ("no number",)), ("next", ())):
        handler.handle(logging.makeLogRecord({"msg": given[0], "args": given[1], "levelno": 20}))
    handler.stop()

    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["message"] == "next"
    assert "Logging error" in capsys.readouterr().err


def test_a_request_is_one_line(written: Written) -> None:
    RequestLog().request(
        request_id="r1", operation="chat", status=503, seconds=0.0123, tenant="acme"
    )

    (line,) = written()

    assert (line["message"], line["level"], line["ms"]) == ("request", "error", 12.3)


@pytest.mark.parametrize(("status", "level"), [(200, "info"), (499, "info"), (500, "error")])
def test_only_our_own_failures_are_errors(written: Written, status: int, level: str) -> None:
    RequestLog().request(
        request_id="r1", operation="ask", status=status, seconds=0.1, tenant="acme"
    )

    (line,) = written()
    assert (line["status"], line["level"]) == (status, level)


def test_only_objections_of_checks_are_logged(written: Written) -> None:
    RequestLog().decisions(
        [
            Decision(check="pii", stage="input", action="allow"),
            Decision(check="injection", stage="input", action="block", rule="ignore_previous"),
        ]
    )

    (line,) = written()

    assert (line["check"], line["action"], line["rule"]) == (
        "injection",
        "block",
        "ignore_previous",
    )


def test_standard_attributes_are_not_fields() -> None:
    assert "taskName" in logs._standard_attributes(logging.getLogRecordFactory())


def test_attributes_of_a_custom_record_factory_are_not_fields(
    request: pytest.FixtureRequest,
) -> None:
    before = logging.getLogRecordFactory()
    request.addfinalizer(lambda: logging.setLogRecordFactory(before))

    def marking(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.marked = True
        return record

    logging.setLogRecordFactory(marking)
    record = marking("genai", logging.INFO, "", 0, "done", (), None)

    assert "marked" not in JSONFormatter().format(record)


def test_queued_lines_are_written_at_exit() -> None:
    program = "import logging; from genai.observability.logs import configure\n"
    program += "configure(); logging.getLogger('a').info('last'); raise SystemExit(3)"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert ended.returncode == 3
    assert json.loads(ended.stderr)["message"] == "last"
