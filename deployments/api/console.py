"""``GET /console``, where ``/`` leads: a web page for the API, without any external resource."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

_FILES = Path(__file__).resolve().parent.parent / "console"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def console_routes() -> Iterator[BaseRoute]:
    """The routes of the page and its files, which are read once."""
    for file in sorted(_FILES.iterdir()):
        if file.suffix in _TYPES:
            path = "/console" if file.name == "index.html" else f"/console/{file.name}"
            yield Route(path, _sender(file), methods=["GET"], include_in_schema=False)
    yield Route("/console/", _moved_to("../console", 308), methods=["GET"], include_in_schema=False)
    yield Route("/", _moved_to("console", 307), methods=["GET"], include_in_schema=False)


def _moved_to(page: str, status: int) -> Callable[[Request], Awaitable[Response]]:
    """Addresses are relative, so that they work under any prefix."""

    async def move(request: Request) -> Response:
        return RedirectResponse(page, status)

    return move


def _sender(file: Path) -> Callable[[Request], Awaitable[Response]]:
    body, media_type = file.read_bytes(), _TYPES[file.suffix]

    async def send(request: Request) -> Response:
        return Response(body, headers=_HEADERS, media_type=media_type)

    return send
