"""Hardens the HAProxy configuration that Serve writes, each time HAProxy is (re)started.

Serve takes an HAProxy binary from ``RAY_SERVE_HAPROXY_BINARY_PATH``; `cluster/edge/haproxy` is that
binary: it passes the configuration through `hardened` and then becomes the bundled HAProxy.

What Serve 2.60 writes would otherwise
- listen on all interfaces for its statistics and metrics,
- let anyone who can log in write to its admin socket,
- pass on two headers with which any client switches off the server's timeout and disconnect checks,
- wait for ever for the headers of a request,
- hand on every request of a flood to replicas that can only refuse it: see `edge_overload`,
- answer that no such path exists before it has heard of the application, as after a restart,
- answer in HTML to what it refuses itself, and when no replica is there: see `edge_errors`.
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

HEADER_DEADLINE = "10s"
"""Within which the whole head of a request must arrive."""


UNKNOWN_PATH = re.compile(
    r"^(backend default_backend\n)\s*http-request return status 404 .*$", re.M
)


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
            *(f"    http-request del-header {name}" for name in CONTROL_HEADERS),
            REQUEST_IDS,
            edge_overload.rules(error_dir),
        ]
    )
    if "use_backend" not in config:
        config = UNKNOWN_PATH.sub(r"\1    http-request deny deny_status 503", config)
    config = edge_overload.bounded(config)
    if edge_overload.TABLE not in config:
        config = config.rstrip("\n") + f"\n{edge_overload.TABLE}"
    return _inserted_after(config, r"^frontend http_frontend\n\s*bind .*$", rules)


def _inserted_after(config: str, pattern: str, lines: str) -> str:
    if lines in config:
        return config
    return re.sub(pattern, lambda found: f"{found.group(0)}\n{lines}", config, count=1, flags=re.M)
