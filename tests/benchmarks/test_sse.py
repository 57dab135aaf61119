import pytest

from benchmarks.sse import Event, EventReader

CHUNKS = (
    b'data: {"choices":[{"delta":{"role":"assistant","content":"Two"}}]}\n\n'
    b'data: {"choices":[{"delta":{"content":" words"}}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"completion_tokens":2}}\n\n'
    b"data: [DONE]\n\n"
)
EVENTS = (
    b'event: token\ndata: {"text":"Two words"}\n\n'
    b": keep-alive\n\n"
    b'event: done\ndata: {"output":"Two words","usage":{"completion_tokens":2}}\n\n'
)


@pytest.mark.parametrize("stream", [CHUNKS, EVENTS, CHUNKS.replace(b"\n", b"\r\n")])
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_text_and_usage_are_found_however_the_stream_was_cut(stream: bytes, size: int) -> None:
    reader = EventReader()

    parts = [stream[start : start + size] for start in range(0, len(stream), size)]
    events = [event for part in parts for event in reader.feed(part)]

    assert "".join(event.text for event in events) == "Two words"
    assert max(event.tokens for event in events) == 2
    assert not any(event.error for event in events)


def test_an_error_in_the_stream_is_told_from_text() -> None:
    stream = b'event: error\ndata: {"error":{"code":"unavailable"}}\n\n'

    assert EventReader().feed(stream) == [Event(error="{'code': 'unavailable'}")]
