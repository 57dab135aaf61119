"""The single shape of all HTTP errors.

{"error": {"code": ..., "message": ..., "request_id": ..., "type": ..., "param": ...}}

``type`` and ``param`` are OpenAI's; its SDK chooses its exception by the status.
"""

import math

import orjson

from deployments import edge_overload
from genai.access.limits import OverLimit
from genai.errors import (
    BudgetExceeded,
    CallerError,
    DeadlineExceeded,
    GenAIError,
    InvalidInput,
    Overloaded,
    RateLimited,
    TryLater,
)


class TooLarge(CallerError):
    status = 413
    code = "body_too_large"


class UnsupportedMedia(CallerError):
    status = 415
    code = "unsupported_media_type"


class SlowBody(CallerError):
    status = 408
    code = "body_timeout"


class OwnDeadline(CallerError):
    status = 408
    code = DeadlineExceeded.code


class NoSuchPath(CallerError):
    status = 404
    code = "unknown_path"


class MethodNotAllowed(CallerError):
    status = 405
    code = "method_not_allowed"


class Unready(TryLater):
    code = "not_ready"


INTERNAL = GenAIError("something went wrong on our side; the request id finds it in our logs")

_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


def error_object(error: GenAIError, request_id: str) -> dict[str, str | None]:
    """The content of ``error``, in a body or in a stream event."""
    return {
        "code": error.code,
        "message": error.message,
        "request_id": request_id,
        "type": _type_of(error),
        "param": error.param if isinstance(error, InvalidInput) else None,
    }


def error_body(error: GenAIError, request_id: str) -> bytes:
    return orjson.dumps({"error": error_object(error, request_id)})


def error_headers(error: GenAIError) -> list[tuple[bytes, bytes]]:
    """``Retry-After`` in whole seconds, rounded up, so that a caller who obeys is let in.

    After a body that did not come the connection is closed. After one that is too large it is not:
    closing it with unread data would reset it, and the client would never see why. What was refused
    for lack of room says so to the edge.
    """
    if error.status == 401:
        return [(b"www-authenticate", b"Bearer")]
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, OverLimit):
        headers += [(name.encode(), value.encode()) for name, value in error.state.headers]
    if isinstance(error, RateLimited | BudgetExceeded | TryLater) or error.status == 503:
        seconds = max(1, math.ceil(getattr(error, "retry_after_s", 1.0)))
        headers.append((b"retry-after", str(seconds).encode()))
    if isinstance(error, Overloaded):
        headers.append((edge_overload.OVERLOADED.encode(), b"1"))
    if isinstance(error, SlowBody):
        headers.append((b"connection", b"close"))
    return headers


def _type_of(error: GenAIError) -> str:
    if error.status >= 500:
        return "api_error"
    return _TYPES.get(error.status, "invalid_request_error")
