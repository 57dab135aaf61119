import pytest

from benchmarks.connection import BodyReader

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_chunked_body_is_put_together_however_it_was_cut(size: int) -> None:
    body = BodyReader(CHUNKED)
    wire = b"3\r\nabc\r\n5;x=1\r\nde\r\nf\r\n0\r\n\r\n"

    found = [body.feed(wire[start : start + size]) for start in range(0, len(wire), size)]

    assert b"".join(found) == b"abcde\r\nf"
    assert body.finished


def test_a_body_with_a_length_ends_after_it() -> None:
    body = BodyReader(b"HTTP/1.1 200 OK\r\ncontent-length: 5")

    assert body.feed(b"abc") == b"abc"
    assert not body.finished
    assert body.feed(b"de") == b"de"
    assert body.finished


def test_an_answer_without_a_body_is_complete_at_once() -> None:
    assert BodyReader(b"HTTP/1.1 200 OK\r\ncontent-length: 0").finished
