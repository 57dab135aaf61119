"""Load shedding in HAProxy: refuses what the service would refuse anyway.

A refusal in Python costs as much as a small answer; one in HAProxy costs next to nothing. During
overload, the service reports with each answer how many concurrent requests of the key one of its
replicas can take. HAProxy counts the requests in flight of each key, and its refusals in the last
second. While a key is being refused, its requests pass only if there is room for them, and they carry a
header that tells the service so. One request of each key may always be on its way: if there are more keys
than room, the service chooses. Keys that the service does not refuse are never affected.

Independently of that, a replica never gets more concurrent requests than it can refuse within a second.
"""

import json
import re
from pathlib import Path

PAGE = "overloaded.json"

OVERLOADED = "x-overloaded"
"""Response header: refused for lack of room. HAProxy removes it, like the next one."""

ROOM = "x-room"
"""Response header: concurrent requests of the key that one replica can take, in tenths, at least one."""

PARTS = 10

FLOOD = "x-flood"
"""Request header: other requests of the same key are being refused."""

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
    acl busy var(txn.key),table_conn_cur(passed) gt 0
    acl full var(txn.key),table_conn_cur(passed),mul({parts}),add({half}),sub(txn.room) gt 0
    http-request sc-inc-gpc0(0) if asks refused told busy full
    http-request return status 503 content-type application/json hdr Retry-After 1 file {page} if asks refused told busy full
    http-request track-sc1 var(txn.key) table passed if asks {{ var(txn.key) -m found }}
    http-request del-header {flood}
    http-request set-header {flood} 1 if refused
    acl refusal res.hdr({overloaded}) -m found
    http-response sc-inc-gpc0(0) if refusal
    http-response sc-set-gpt0(0) res.hdr({room}) if {{ res.hdr({room}) -m found }}
    http-response del-header {room}
    http-response del-header {overloaded}"""  # noqa: E501 - no line of HAProxy may be broken
"""Refusals by HAProxy count as refusals, too. Only POST requests are refused: others, such as following
a run, cost little.
"""

BACKEND = re.compile(r"^\s*(?:use|default)_backend (?!default_backend)(\S+)", re.M)
"""Finds the backend. Without one, these rules refuse nothing."""


AT_ONCE = 800
"""Concurrent requests per replica, including streams that wait for their next part."""

WAITING = "    timeout queue 1s"
"""How long a request waits for one of these; then HAProxy answers 503."""


def bounded(config: str) -> str:
    """Limits the connections of each server. Serve's own fallback server is left alone."""
    line = r"^(\s*server (?!.*\bmaxconn\b)(?!.*\bbackup\b).*\S)\s*$"
    return re.sub(line, rf"\1 maxconn {AT_ONCE}", config, flags=re.M)


def rules(config: str, error_dir: Path) -> str:
    """The rules for the frontend; none while there is no backend."""
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
