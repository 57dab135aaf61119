"""Hardens the HAProxy configuration that Serve writes, each time HAProxy is (re)started.

``RAY_SERVE_HAPROXY_BINARY_PATH`` names `cluster/edge/haproxy` as the program for Serve to start. It passes
the configuration through `hardened` and then executes the bundled HAProxy.

As Serve 2.60 configures it, HAProxy would
- listen on all interfaces for its statistics and metrics,
- let every local user write to its admin socket,
- forward two headers by which any client can switch off the server's timeout and disconnect checks,
- wait without limit for the headers of a request,
- send a log line about each request to a port on which nothing listens,
- forward every request of a flood to replicas that can only refuse it (see `edge_overload`),
- answer 404 before it knows the application, as after a restart,
- list all applications to everybody, and answer in its own words under `/-/`,
- answer errors of its own, of Serve and of uvicorn in HTML or plain text (see `edge_errors`).

`edge_supervisor` replaces an HAProxy that has died.
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
"""Headers by which a client could control Serve. They are always removed."""

REQUEST_IDS = """\
    http-request del-header x-request-id unless { req.hdr(x-request-id) -m reg ^[A-Za-z0-9._-]{1,128}$ }
    http-response set-header x-request-id %[res.hdr(x-request-id,1)] if { res.hdr(x-request-id) -m found }"""
"""Serve echoes any request id beside the application's. Only one leaves, and only in a safe form."""

PRIVATE_SECTIONS = ("frontend prometheus", "listen stats")
"""Sections for the operator of this machine only."""

UNLOGGED = "    no log"
"""Serve would send a line per request to syslog. The application writes its own access log."""

HEADER_DEADLINE = "10s"
"""Time within which all headers of a request must arrive."""


SERVES_OWN = """\
    acl serves_own path,url_dec -m beg -i /-/
    http-request return status 404 default-errorfiles if serves_own !{ path /-/healthz }"""
"""Paths that Serve adds to the application's. Only the container's health probe is left open."""

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
"""Replaces the plain-text errors of Serve and uvicorn. The application's own errors are JSON."""

OWN_TEXT = re.compile(
    r"return status ([45]\d\d) content-type text/plain (?:lf-)?string \"(?:[^\"\\]|\\.)*\""
)
UNKNOWN_PATH = "backend default_backend\n    http-request return status {} default-errorfiles\n"
KNOWS_APPLICATIONS = re.compile(r"^\s*use_backend ", re.M)
ADDRESS = re.compile(r"^(frontend http_frontend\n\s*bind ).*$", re.M)


def hardened(config: str, error_dir: Path) -> str:
    """The hardened configuration. Idempotent."""
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
    """Whether there is a backend that requests can be sent to."""
    return KNOWS_APPLICATIONS.search(config) is not None


def aside(config: str, socket: Path) -> str:
    """The configuration with a Unix socket in place of the public address."""
    return ADDRESS.sub(rf"\g<1>unix@{socket}", config)


def _inserted_after(config: str, pattern: str, lines: str) -> str:
    if lines in config:
        return config
    return re.sub(pattern, lambda found: f"{found.group(0)}\n{lines}", config, count=1, flags=re.M)
