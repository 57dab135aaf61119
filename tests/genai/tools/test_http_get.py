"""The tool against a server on this machine, which a test allows by name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from genai.base.tool import Observation
from genai.tools.http_get import HTTPGetArguments, HTTPGetTool
from genai.tools.limited import LimitedTool
from genai.tools.web_address import Address, Lookup
from tests.support.agents import a_context

PAGE = (
    "<html><head><style>p{}</style><script>steal('<p>')</script></head>"
    "<body><h1>Rates</h1><p>The <b>rate</b> is 4&nbsp;% &lt; 5 %</p></body></html>"
)


class Server:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.resolved: list[str] = []
        self.port = 0

    def tool(self, *, max_bytes: int = 10_000, lookup: Lookup | None = None) -> HTTPGetTool:
        return HTTPGetTool(
            (f"rates.test:{self.port}",),
            max_bytes=max_bytes,
            schemes=("http",),
            lookup=lookup or self.lookup,
            allowed=lambda address: address.is_loopback,
        )

    async def lookup(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        return ["127.0.0.1"]

    async def get(self, path: str, tool: HTTPGetTool | None = None) -> Observation:
        url = f"http://rates.test:{self.port}{path}"
        return await (tool or self.tool()).async_run(HTTPGetArguments(url=url), a_context())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, dict(request.headers)))
        moved = {
            "/moved": "/json",
            "/cookie": "/json",
            "/circle": "/circle",
            "/outside": "http://169.254.169.254/latest/meta-data",
            "/inside": f"http://localhost:{self.port}/json",
        }
        if request.path in moved:
            response = web.Response(status=302, headers={"Location": moved[request.path]})
            response.set_cookie("session", "1")
            return response
        return answer(request.path)


def answer(path: str) -> web.Response:
    match path:
        case "/page":
            return web.Response(text=PAGE, content_type="text/html")
        case "/json":
            return web.json_response({"rate": 4})
        case "/large":
            return web.Response(text="x" * 50_000)
        case "/image":
            return web.Response(body=b"\x89PNG", content_type="image/png")
        case "/bomb":
            return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})
        case _:
            return web.Response(status=404)


@asynccontextmanager
async def running() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as server:
        yield server


async def test_a_page_is_read_without_its_tags_and_scripts(server: Server) -> None:
    assert (await server.get("/page")).text == "Rates\nThe rate is 4 % < 5 %"


async def test_json_is_given_as_it_is(server: Server) -> None:
    assert (await server.get("/json")).text == '{"rate": 4}'


async def test_a_redirect_within_the_listed_hosts_is_followed(server: Server) -> None:
    assert (await server.get("/moved")).text == '{"rate": 4}'


@pytest.mark.parametrize("path", ["/outside", "/inside", "/circle"])
async def test_a_redirect_to_anything_else_is_refused(server: Server, path: str) -> None:
    observation = await server.get(path)

    assert observation.error
    assert "/json" not in [path for path, _ in server.asked]


async def test_a_redirect_carries_no_cookie(server: Server) -> None:
    await server.get("/cookie")

    assert "Cookie" not in server.asked[-1][1]


@pytest.mark.parametrize("path", ["/image", "/bomb", "/none"])
async def test_other_content_types_than_text_are_refused(server: Server, path: str) -> None:
    assert (await server.get(path)).error


async def test_no_more_is_read_than_may_be(server: Server) -> None:
    observation = await server.get("/large", server.tool(max_bytes=1000))

    assert observation.text == "x" * 1000


async def test_the_name_is_resolved_again_for_every_request_and_checked_each_time(
    server: Server,
) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    tool = server.tool(lookup=rebinding)

    assert (await server.get("/json", tool)).text
    assert (await server.get("/json", tool)).error


async def test_the_answer_to_a_name_is_not_asked_for_twice_in_one_request(server: Server) -> None:
    await server.get("/json")

    assert server.resolved == ["rates.test"]


async def test_a_literal_address_is_judged_even_when_it_is_listed(server: Server) -> None:
    seen: list[Address] = []
    tool = HTTPGetTool(
        (f"127.0.0.1:{server.port}",),
        schemes=("http",),
        allowed=lambda address: bool(seen.append(address)),
    )

    arguments = HTTPGetArguments(url=f"http://127.0.0.1:{server.port}/json")
    observation = await tool.async_run(arguments, a_context())

    assert observation.error
    assert len(seen) == 1
    assert server.asked == []


async def test_a_host_that_does_not_answer_costs_no_more_than_the_time_limit(
    server: Server,
) -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    tool = server.tool(lookup=never)
    tool.timeout_s = 0.05
    arguments = HTTPGetArguments(url=f"http://rates.test:{server.port}/json")

    observation = await LimitedTool(tool).async_run(arguments, a_context())

    assert observation.error == "the tool took longer than 0.05 s"
