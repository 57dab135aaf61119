"""Endpoints for probes and monitoring, without a key: ``/healthz``, ``/readyz``, ``/metrics``."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from deployments.api.call import Reply, reply
from deployments.api.errors import Unready
from deployments.api.exchange import Exchange
from deployments.api.services import Services
from genai.errors import GenAIError

logger = logging.getLogger(__name__)

READY_WITHIN_S = 3.0
ProbeAnswer = Callable[[Services], Awaitable[Reply]]

METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Probe:
    """A public ASGI endpoint. Its answer reveals nothing about any tenant."""

    answer: ProbeAnswer
    services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        try:
            await exchange.reply(await self.answer(self.services))
        except GenAIError as error:
            await exchange.fail(error)
        except Exception:
            logger.exception("probe crashed", extra={"request_id": exchange.request_id})
            await exchange.crash()


async def healthz(services: Services) -> Reply:
    """Liveness: the process answers."""
    return reply({"status": "ok"})


async def readyz(services: Services) -> Reply:
    """Readiness: all dependencies of requests can be reached."""
    services.shutdown.check()
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            failing = await services.readiness()
    except TimeoutError:
        raise Unready("the dependencies did not answer in time") from None
    if failing:
        raise Unready(f"not ready: {', '.join(sorted(failing))}")
    return reply({"status": "ready"})


async def metrics(services: Services) -> Reply:
    """Prometheus metrics of all replicas that serve requests."""
    return Reply(await services.metrics(), media_type=METRICS_TYPE)
