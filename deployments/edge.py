"""Hardens the HAProxy configuration that Serve writes, each time HAProxy is (re)started.

Serve takes an HAProxy binary from ``RAY_SERVE_HAPROXY_BINARY_PATH``; `cluster/edge/haproxy` is that
binary: it passes the configuration through `hardened` and then becomes the bundled HAProxy.

What Serve 2.60 writes would otherwise
- listen on all interfaces for its statistics and metrics,
- let anyone who can log in write to its admin socket,
- pass on two headers with which any client switches off the server's timeout and disconnect checks,
- wait for ever for the headers of a request,
- answer in HTML to what it refuses itself, and when no replica is there.

HTML stays for what is not HTTP at all or has too long a head: HAProxy 2.8's parser answers that from
a text in its program, which no setting replaces.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"

CONTROL_HEADERS = (
    "x-request-timeout-seconds",
    "x-request-disconnect-disabled",
    "serve_multiplexed_model_id",
    "x-session-id",
)
"""Headers with which Serve lets a client steer it. They are removed, whatever they say."""

REQUEST_IDS = """\
    http-request del-header x-request-id unless { req.hdr(x-request-id) -m reg ^[A-Za-z0-9._-]{1,128}$ }
    http-response set-header x-request-id %[res.hdr(x-request-id,1)] if { res.hdr(x-request-id) -m found }"""
"""Serve echoes any request id, beside the one of the application; one goes out, and a clean one."""

PRIVATE_SECTIONS = ("frontend prometheus", "listen stats")
"""What is for the operator of this machine alone."""

HEADER_DEADLINE = "10s"
"""Within which the whole head of a request must arrive."""

UNAVAILABLE = ("unavailable", "the service is starting or overloaded; try again")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What the edge answers by itself, instead of the HTML that is built into HAProxy."""

    reason: str
    code: str
    message: str

    def response(self, status: int) -> bytes:
        error = {
            "code": self.code,
            "message": self.message,
            "type": "api_error" if status >= 500 else "invalid_request_error",
            "param": None,
            "request_id": None,
        }
        body = json.dumps({"error": error}).encode()
        retry = "Retry-After: 1\r\n" if status >= 502 else ""
        head = (
            f"HTTP/1.1 {status} {self.reason}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"{retry}Connection: close\r\n\r\n"
        )
        return head.encode() + body


PAGES = {
    400: ErrorPage("Bad Request", "malformed_request", "not valid HTTP, or its head is too long"),
    403: ErrorPage("Forbidden", "forbidden", "the edge refuses this request"),
    408: ErrorPage("Request Timeout", "request_timeout", "the head of the request did not arrive"),
    413: ErrorPage("Payload Too Large", "body_too_large", "the request is too large"),
    500: ErrorPage("Internal Server Error", "internal_error", "something went wrong on our side"),
    502: ErrorPage("Bad Gateway", *UNAVAILABLE),
    503: ErrorPage("Service Unavailable", *UNAVAILABLE),
    504: ErrorPage("Gateway Timeout", *UNAVAILABLE),
}


def hardened(config: str, error_dir: Path) -> str:
    """The configuration with the holes closed. Applying it twice changes nothing."""
    config = re.sub(
        rf"^((?:{'|'.join(PRIVATE_SECTIONS)})\n\s*bind )\*?:",
        rf"\g<1>{LOOPBACK}:",
        config,
        flags=re.M,
    )
    config = config.replace("mode 666 level admin", "mode 600 level admin")
    config = re.sub(r"^[ \t]*errorfile \d{3} .*\n", "", config, flags=re.M)
    config = _inserted_after(config, r"^defaults$", f"    timeout http-request {HEADER_DEADLINE}")
    defaults = [f"    errorfile {status} {error_dir}/{status}.http" for status in PAGES]
    config = _inserted_after(config, r"^defaults$", "\n".join(defaults))
    rules = "\n".join(
        [*(f"    http-request del-header {name}" for name in CONTROL_HEADERS), REQUEST_IDS]
    )
    return _inserted_after(config, r"^frontend http_frontend\n\s*bind .*$", rules)


def _inserted_after(config: str, pattern: str, lines: str) -> str:
    if lines in config:
        return config
    return re.sub(pattern, lambda found: f"{found.group(0)}\n{lines}", config, count=1, flags=re.M)


def write_error_pages(error_dir: Path) -> None:
    """The answers of the edge itself, in the one error shape."""
    error_dir.mkdir(parents=True, exist_ok=True)
    for status, page in PAGES.items():
        (error_dir / f"{status}.http").write_bytes(page.response(status))
