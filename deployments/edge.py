"""Hardens the HAProxy configuration that Serve writes, each time HAProxy is (re)started.

Serve takes an HAProxy binary from ``RAY_SERVE_HAPROXY_BINARY_PATH``; `cluster/edge/haproxy` is that
binary: it passes the configuration through `hardened` and then becomes the bundled HAProxy.

What Serve 2.60 writes would otherwise
- listen on all interfaces for its statistics and metrics,
- let anyone who can log in write to its admin socket,
- pass on two headers with which any client switches off the server's timeout and disconnect checks,
- wait for ever for the headers of a request,
- send a line about each request to a port at which nobody listens,
- hand on every request of a flood to replicas that can only refuse it: see `edge_overload`,
- answer that no such path exists before it has heard of the application, as after a restart,
- tell everybody which applications there are, and answer in words of its own under `/-/`,
- answer in HTML or plain text to what it, Serve or uvicorn refuses, and when no replica is there: see
  `edge_errors`.

That it is there again at once when it has died is the work of `edge_watch`.
"""

import re
from pathlib import Path

from deployments import edge_overload
from deployments.edge_errors import PAGES

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

UNLOGGED = "    no log"
"""Of a request, Serve would send a line to a system log that nobody keeps. The application has its own."""

HEADER_DEADLINE = "10s"
"""Within which the whole head of a request must arrive."""


SERVES_OWN = """\
    acl serves_own path,url_dec -m beg -i /-/
    http-request return status 404 default-errorfiles if serves_own !{ path /-/healthz }"""
"""Paths that Serve adds to those of the application. Only the probe of a container is for others."""

TOLD = "    acl told_in_json res.hdr(content-type) -m beg application/json"
OTHER_ERRORS = (
    *(
        f"    http-response return status {status} default-errorfiles "
        f"if {{ status {status} }} !told_in_json"
        for status in PAGES
    ),
    "    http-response return status 400 default-errorfiles if { status 400:499 } !told_in_json",
    "    http-response return status 500 default-errorfiles if { status ge 500 } !told_in_json",
)
"""Errors of Serve and of its HTTP server, which speak plain text. Ours are all in JSON."""

OWN_TEXT = re.compile(
    r"return status ([45]\d\d) content-type text/plain (?:lf-)?string \"(?:[^\"\\]|\\.)*\""
)
UNKNOWN_PATH = "backend default_backend\n    http-request return status {} default-errorfiles\n"
KNOWS_APPLICATIONS = re.compile(r"^\s*use_backend ", re.M)
ADDRESS = re.compile(r"^(frontend http_frontend\n\s*bind ).*$", re.M)


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
    config = _inserted_after(config, r"^defaults$", edge_overload.WAITING)
    defaults = [f"    errorfile {status} {error_dir}/{status}.http" for status in PAGES]
    config = _inserted_after(config, r"^defaults$", "\n".join(defaults))
    rules = "\n".join(
        [
            UNLOGGED,
            edge_overload.rules(config, error_dir),
            *(f"    http-request del-header {name}" for name in CONTROL_HEADERS),
            REQUEST_IDS,
            SERVES_OWN,
            TOLD,
            *OTHER_ERRORS,
        ]
    )
    config = OWN_TEXT.sub(r"return status \1 default-errorfiles", config)
    if not knows_applications(config):
        config = config.replace(UNKNOWN_PATH.format(404), UNKNOWN_PATH.format(503))
    config = edge_overload.bounded(config)
    if edge_overload.TABLES not in config:
        config = config.rstrip("\n") + f"\n{edge_overload.TABLES}"
    return _inserted_after(config, r"^frontend http_frontend\n\s*bind .*$", rules)


def knows_applications(config: str) -> bool:
    """Whether there is anything that requests can be handed to."""
    return KNOWS_APPLICATIONS.search(config) is not None


def aside(config: str, socket: Path) -> str:
    """The same edge at a socket that nobody knows, where it is in nobody's way."""
    return ADDRESS.sub(rf"\g<1>unix@{socket}", config)


def _inserted_after(config: str, pattern: str, lines: str) -> str:
    if lines in config:
        return config
    return re.sub(pattern, lambda found: f"{found.group(0)}\n{lines}", config, count=1, flags=re.M)
