"""Alerts, sent to the log and to a webhook."""

import logging
from collections.abc import Iterable
from typing import Literal, Protocol

import aiohttp

from genai.messages import Value

logger = logging.getLogger(__name__)

WEBHOOK_TIMEOUT_S = 5.0


class Alert(Value):
    """``value`` went over ``threshold``, or below it where the unit is ``p``, a probability.

    ``subject`` is a tenant, the name of a step, or of what has drifted.
    """

    kind: Literal["cost_per_hour", "spending_speed", "latency", "drift"]
    subject: str
    value: float
    threshold: float
    unit: str
    at: float


class AlertSink(Protocol):
    async def async_send(self, alert: Alert) -> None:
        """Never raises for a receiver that cannot be reached."""
        ...

    async def async_close(self) -> None: ...


class AlertLog:
    async def async_send(self, alert: Alert) -> None:
        logger.warning("alert", extra=alert.model_dump())

    async def async_close(self) -> None: ...


class Webhook:
    """Posts each alert as JSON; once more when the receiver failed."""

    def __init__(self, url: str, *, attempts: int = 2) -> None:
        self._url = url
        self._attempts = attempts
        self._session: aiohttp.ClientSession | None = None

    async def async_send(self, alert: Alert) -> None:
        for _ in range(self._attempts):
            if await self._post(alert):
                return
        logger.error("alert not delivered", extra={"kind": alert.kind, "subject": alert.subject})

    async def async_close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, alert: Alert) -> bool:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with self._session.post(
                self._url, json=alert.model_dump(), allow_redirects=False
            ) as response:
                return response.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False


class AlertSinks:
    """Several sinks as one."""

    def __init__(self, sinks: Iterable[AlertSink]) -> None:
        self._sinks = tuple(sinks)

    async def async_send(self, alert: Alert) -> None:
        for sink in self._sinks:
            await sink.async_send(alert)

    async def async_close(self) -> None:
        for sink in self._sinks:
            await sink.async_close()
