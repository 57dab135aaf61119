import json

import pytest

from benchmarks.chaos.questions import RequestCase, read

WHOLE = RequestCase("whole", "/v1/assistant/generate", {})
STREAM = RequestCase("stream", "/v1/assistant/generate", {"stream": True})


def sse(*events: dict[str, object], done: bool = False) -> bytes:
    blocks = [f"event: x\ndata: {json.dumps(event)}\n\n" for event in events]
    return ("".join(blocks) + ("data: [DONE]\n\n" if done else "")).encode()


def test_an_answer_is_its_text_and_whether_it_is_degraded() -> None:
    said = read(WHOLE, 200, b'{"output": "hello", "degraded": true}')

    assert (said.text, said.degraded, said.fault) == ("hello", True, "")


@pytest.mark.parametrize("status", [429, 502, 503])
def test_an_error_is_named_by_its_code(status: int) -> None:
    said = read(WHOLE, status, b'{"error": {"code": "overloaded"}}')

    assert said.fault == f"{status} overloaded"


def test_a_stream_is_whole_when_its_last_event_repeats_the_tokens() -> None:
    tokens = ({"text": "hel"}, {"text": "lo"})

    assert read(STREAM, 200, sse(*tokens, {"output": "hello"})).fault == ""
    assert read(STREAM, 200, sse(*tokens)).fault == "the stream broke off"
    assert "not the answer" in read(STREAM, 200, sse(*tokens, {"output": "help"})).fault


def test_an_error_event_in_a_stream_is_a_fault() -> None:
    body = sse({"text": "hel"}, {"error": {"code": "backend_failed"}})

    assert read(STREAM, 200, body).fault == "error event backend_failed"


def test_an_invalid_json_response_is_a_fault() -> None:
    assert read(WHOLE, 200, b"<html>").fault == "not understood"
