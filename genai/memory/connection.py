"""Connects to Redis, and translates its errors.

There are no retries here: a script that timed out may have run, and only its author knows whether running
it again is safe.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import (
    BlockingConnectionPool,
    Connection,
    Redis,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from genai.errors import Misconfigured, StoreUnavailable
from genai.settings.state import RedisSettings

PROJECT = Path(__file__).resolve().parents[2]

UNAVAILABLE = "the session store is unavailable"


def connect(settings: RedisSettings, environ: Mapping[str, str] = os.environ) -> Redis:
    """A client with its own connection pool. Opens no connection yet; replies are bytes.

    Commands have no timeout; `Store` adds it. Raises `Misconfigured` when the address in the environment
    cannot be understood.
    """
    url = environ.get(settings.url_env, "")
    where = _from_url(url, settings.url_env) if url else _from_socket(settings.embedded_socket)
    pool = BlockingConnectionPool(
        max_connections=settings.max_connections,
        timeout=settings.timeout_s,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,  # saves a round trip
        **where,
    )
    return Redis.from_pool(pool)


def _from_url(url: str, variable: str) -> dict[str, Any]:
    try:
        options = dict(parse_url(url))
    except ValueError as error:
        raise Misconfigured(f"{variable} is not a Redis address") from error
    return {"connection_class": Connection} | options


def _from_socket(socket: str) -> dict[str, Any]:
    path = str(
        (PROJECT / socket).resolve()
    )  # a job's var/ is a link, and socket paths must be short
    return {"connection_class": UnixDomainSocketConnection, "path": path}


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the client library, and timeouts, become `StoreUnavailable`."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(UNAVAILABLE) from error
