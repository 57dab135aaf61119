"""HAProxy's own errors, as JSON in the one error shape.

HAProxy reads most of them from files. But for input that is not HTTP, too long or incomplete, the
parser of version 2.8 uses texts compiled into the binary, which no setting replaces. So a patched copy
of the binary runs, with texts of the same length.
"""

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from deployments.edge_overload import write_page

UNAVAILABLE = ("unavailable", "the service is starting or overloaded; try again")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    reason: str
    code: str
    message: str

    def response(self, status: int) -> bytes:
        body = self._body(status)
        retry = "Retry-After: 1\r\n" if status >= 502 else ""
        return self._head(status, f"Content-Length: {len(body)}\r\n{retry}") + body

    def response_of(self, status: int, size: int) -> bytes | None:
        """A response of exactly ``size`` bytes, with a shorter message if need be; None if it does not
        fit.

        Trailing blanks fill it up: they belong to the body, which ends with the connection.
        """
        for page in (self, replace(self, message=self.reason)):
            whole = self._head(status) + page._body(status)
            if len(whole) <= size:
                return whole.ljust(size)
        return None

    def _head(self, status: int, more: str = "") -> bytes:
        head = f"HTTP/1.1 {status} {self.reason}\r\nContent-Type: application/json\r\n"
        return f"{head}{more}Connection: close\r\n\r\n".encode()

    def _body(self, status: int) -> bytes:
        error = {
            "code": self.code,
            "message": self.message,
            "type": "api_error" if status >= 500 else "invalid_request_error",
            "param": None,
            "request_id": None,
        }
        return json.dumps({"error": error}, separators=(",", ":")).encode()


PAGES = {
    400: ErrorPage("Bad Request", "malformed_request", "not valid HTTP, or its head is too long"),
    403: ErrorPage("Forbidden", "forbidden", "the edge refuses this request"),
    404: ErrorPage("Not Found", "unknown_path", "there is nothing at this path; see /docs"),
    408: ErrorPage("Request Timeout", "request_timeout", "the head of the request did not arrive"),
    413: ErrorPage("Too Large", "body_too_large", "the request is too large"),
    500: ErrorPage("Internal Error", "internal_error", "something went wrong on our side"),
    501: ErrorPage("Not Implemented", "not_implemented", "the edge does not know how to do this"),
    502: ErrorPage("Bad Gateway", *UNAVAILABLE),
    503: ErrorPage("Service Unavailable", *UNAVAILABLE),
    504: ErrorPage("Gateway Timeout", *UNAVAILABLE),
}

OF_THE_PARSER = PAGES | {
    422: ErrorPage("Unprocessable Content", "malformed_request", "the request cannot be processed"),
}

_BUILT_IN = re.compile(rb"HTTP/1\.1 (\d{3}) [^\0]*</html>\n(?=\0)")


def write_error_pages(error_dir: Path) -> None:
    """Write the error files that the configuration refers to."""
    error_dir.mkdir(parents=True, exist_ok=True)
    for status, page in PAGES.items():
        (error_dir / f"{status}.http").write_bytes(page.response(status))
    write_page(error_dir)


def in_json(program: bytes) -> bytes:
    """The binary with its texts replaced; unchanged where they are not those of 2.8."""

    def rewritten(found: re.Match[bytes]) -> bytes:
        status, text = int(found[1]), found[0]
        page = OF_THE_PARSER.get(status)
        return (page and page.response_of(status, len(text))) or text

    return _BUILT_IN.sub(rewritten, program)


def speaking_json(program: Path, folder: Path) -> Path:
    """A patched copy of the binary in ``folder``, or the original where copies cannot be executed.

    The copy needs ``LD_LIBRARY_PATH`` to find its libraries: see `libraries_of`.
    """
    fresh = folder / f"haproxy.{os.getpid()}"
    fresh.write_bytes(in_json(program.read_bytes()))
    fresh.chmod(0o700)
    if not os.access(fresh, os.X_OK):  # the folder may be mounted without the right to execute
        fresh.unlink()
        return program
    return fresh.replace(folder / "haproxy")


def libraries_of(program: Path) -> str:
    """The folder of the libraries bundled with HAProxy."""
    return str(program.parent / "lib")
