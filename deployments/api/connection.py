"""Per-connection concerns: request ids, and the detection of clients that disconnect."""

import asyncio
import logging
import re
from collections.abc import Mapping
from types import TracebackType
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genai.observability.tracing import trace_id_of
from genai.safety.cleaned import cleaned

logger = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""UUIDs pass as they are: one in 1,500 begins like a personal number with valid check digits."""
_SCOPE_KEY = "genai.request_id"


class ClientGone(Exception):
    """The client closed the connection."""


class RequestIds:
    """ASGI middleware: gives every request an id and sends it in the response.

    A client's own id is kept if it is safe to log, and replaced otherwise.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[_SCOPE_KEY] = _choose_id(scope)
        header = (b"x-request-id", request_id.encode())

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        await self._app(scope, receive, stamped)


def request_id_of(scope: Scope) -> str:
    request_id: str = scope[_SCOPE_KEY]
    return request_id


def traceparent_of(headers: Mapping[bytes, bytes]) -> str:
    """The ``traceparent`` header; empty when it is missing or malformed."""
    given = headers.get(b"traceparent", b"").decode("latin-1")
    return given if trace_id_of(given) else ""


def _choose_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            return given if _is_harmless(given) else uuid4().hex
    return uuid4().hex


def _is_harmless(given: str) -> bool:
    if _UUID.fullmatch(given):
        return True
    return bool(_REQUEST_ID.fullmatch(given)) and cleaned(given) == given


class DisconnectWatch:
    """Cancels the task in its ``with`` block when the client disconnects, and raises `ClientGone`.

    The body must have been read. Does not rely on the server to cancel the request.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._served = False

    def served(self) -> None:
        """The last part of the response is being sent: from now on a disconnect is normal."""
        self._served = True

    def __enter__(self) -> "DisconnectWatch":
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelled_before = task.cancelling()
        self._watcher = asyncio.create_task(self._wait_for_the_end())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._watcher.cancel()
        if not self._gone or kind is None:
            return
        left_only = self._task.uncancel() <= self._cancelled_before
        if left_only and issubclass(kind, asyncio.CancelledError):
            raise ClientGone from None

    async def _wait_for_the_end(self) -> None:
        try:
            while (await self._receive())["type"] != "http.disconnect":
                pass
        except Exception:
            # A server that cannot say whether the client is there has not said that it left.
            logger.warning("the connection cannot be watched", exc_info=True)
            return
        if not self._served:
            self._gone = True
            self._task.cancel()
