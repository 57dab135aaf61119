"""Refuses at the edge what the service would refuse anyway, so that refusing leaves it time to answer.

A refusal in Python costs as much as a small answer, one in HAProxy next to nothing. In a flood, the
service tells after each answer for how many requests at once there is room in one of its replicas. The
edge counts for each key what is on its way, and what was refused in the last second. While a key is
refused, its requests pass as long as there is room for them, so that no place stays empty for longer
than until the next one arrives, and the service is told that there is a flood. The service still decides
who is refused: nothing is held back of a key that it refuses nothing.

Before all that, a replica is never given more at once than it can refuse within a second.
"""

import json
import re
from pathlib import Path

PAGE = "overloaded.json"

OVERLOADED = "x-overloaded"
"""A header of refusals for lack of room. It stays within, like the next two."""

ROOM = "x-room"
"""A header of responses: requests of the key that one replica can work on at once, in tenths."""

PARTS = 10

FLOOD = "x-flood"
"""A header of requests: others of the same key are being refused."""

TABLES = """\
backend refusals
    stick-table type binary len 20 size 20k expire 10s store gpc0_rate(1s),gpt0
backend passed
    stick-table type binary len 20 size 20k expire 10s store conn_cur
"""
"""What is refused must not count as being on its way: many are at once, and for some milliseconds each."""

RULES = """\
    http-request set-var(txn.key) req.hdr(authorization),sha1 if {{ req.hdr(authorization) -m found }}
    http-request track-sc0 var(txn.key) table refusals if {{ var(txn.key) -m found }}
    acl asks method POST
    acl refused sc0_gpc0_rate gt 20
    acl told sc0_get_gpt0 gt 0
    http-request set-var(txn.replicas) nbsrv({backend})
    http-request set-var(txn.room) sc0_get_gpt0,mul(txn.replicas)
    acl full var(txn.key),table_conn_cur(passed),mul({parts}),add({half}),sub(txn.room) gt 0
    http-request sc-inc-gpc0(0) if asks refused told full
    http-request return status 503 content-type application/json hdr Retry-After 1 file {page} if asks refused told full
    http-request track-sc1 var(txn.key) table passed if asks {{ var(txn.key) -m found }}
    http-request del-header {flood}
    http-request set-header {flood} 1 if refused
    acl refusal res.hdr({overloaded}) -m found
    http-response sc-inc-gpc0(0) if refusal
    http-response sc-set-gpt0(0) res.hdr({room}) if {{ res.hdr({room}) -m found }}
    http-response del-header {room}
    http-response del-header {overloaded}"""  # noqa: E501 - no line of HAProxy may be broken
"""What the edge refuses counts as refused, too. Only what is posted takes a place where work is done: who
follows a run only waits."""

BACKEND = re.compile(r"^\s*(?:use|default)_backend (?!default_backend)(\S+)", re.M)
"""Where requests are handed to. While there is nothing, nobody is refused by these rules."""


AT_ONCE = 800
"""Requests of one replica, also such that only wait for the next part of their stream."""

WAITING = "    timeout queue 1s"
"""For one of these; then the edge answers that the service is overloaded."""


def bounded(config: str) -> str:
    """With a bound for each server of a backend. Serve's own fallback is left alone."""
    line = r"^(\s*server (?!.*\bmaxconn\b)(?!.*\bbackup\b).*\S)\s*$"
    return re.sub(line, rf"\1 maxconn {AT_ONCE}", config, flags=re.M)


def rules(config: str, error_dir: Path) -> str:
    """Of the frontend; none as long as there is nothing to hand requests to."""
    found = BACKEND.search(config)
    if found is None:
        return f"    http-request del-header {FLOOD}"
    return RULES.format(
        backend=found[1],
        page=error_dir / PAGE,
        overloaded=OVERLOADED,
        room=ROOM,
        parts=PARTS,
        half=PARTS // 2,
        flood=FLOOD,
    )


def write_page(error_dir: Path) -> None:
    error = {
        "code": "overloaded",
        "message": "too many requests are waiting",
        "request_id": None,
        "type": "api_error",
        "param": None,
    }
    (error_dir / PAGE).write_text(json.dumps({"error": error}, separators=(",", ":")))
