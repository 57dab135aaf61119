"""Refuses at the edge what the service would refuse anyway, so that refusing leaves it time to answer.

A refusal in Python costs as much as a small answer, one in HAProxy next to nothing. The edge counts for
each key what was asked, served and refused in the last second. While a key is refused, only somewhat
more of its requests pass than were served; which ones is drawn. The service still decides who is
refused: nothing is held back of a key that it refuses nothing. And it sees at once when it can bear more.

Before all that, a replica is never given more at once than it can refuse within a second.
"""

import json
import re
from pathlib import Path

PAGE = "overloaded.json"

OVERLOADED = "x-overloaded"
"""A header of refusals for lack of room. It stays within."""

TABLE = """\
backend refusals
    stick-table type binary len 20 size 20k expire 10s store http_req_rate(1s),gpc0_rate(1s),gpc1_rate(1s)
"""

RULES = """\
    http-request track-sc0 req.hdr(authorization),sha1 table refusals if {{ req.hdr(authorization) -m found }}
    http-request set-var(txn.asked) sc0_http_req_rate
    http-request set-var(txn.passing) sc0_gpc1_rate,mul(6),div(5),add(20)
    http-request set-var(txn.drawn) rand(1000),mul(txn.asked),div(1000)
    acl refused sc0_gpc0_rate gt 20
    acl over var(txn.drawn),sub(txn.passing) gt 0
    http-request sc-inc-gpc0(0) if refused over
    http-request return status 503 content-type application/json hdr Retry-After 1 file {page} if refused over
    acl refusal res.hdr({header}) -m found
    http-response sc-inc-gpc0(0) if refusal
    http-response sc-inc-gpc1(0) unless refusal
    http-response del-header {header}"""
"""Both counters are of the last second: what the edge refuses counts as refused, too."""


AT_ONCE = 800
"""Requests of one replica, also such that only wait for the next part of their stream."""

WAITING = "    timeout queue 1s"
"""For one of these; then the edge answers that the service is overloaded."""


def bounded(config: str) -> str:
    """With a bound for each server of a backend. Serve's own fallback is left alone."""
    line = r"^(\s*server (?!.*\bmaxconn\b)(?!.*\bbackup\b).*\S)\s*$"
    return re.sub(line, rf"\1 maxconn {AT_ONCE}", config, flags=re.M)


def rules(error_dir: Path) -> str:
    return RULES.format(page=error_dir / PAGE, header=OVERLOADED)


def write_page(error_dir: Path) -> None:
    error = {
        "code": "overloaded",
        "message": "too many requests are waiting",
        "request_id": None,
        "type": "api_error",
        "param": None,
    }
    (error_dir / PAGE).write_text(json.dumps({"error": error}, separators=(",", ":")))
