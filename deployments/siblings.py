"""All replicas of the deployment that this process belongs to."""

import asyncio
import logging

from ray import serve

from deployments.calls import Handle, T, ask_all
from deployments.placement import lean

logger = logging.getLogger(__name__)

WITHIN_S = 1.0


class Siblings:
    """Broadcasts to all replicas, this one included. For rare calls: nothing is cached."""

    def __init__(self) -> None:
        self._handle: Handle | None = None

    @property
    def own_name(self) -> str:
        return serve.get_replica_context().replica_tag

    async def async_ask(self, method: str, *, returns: type[T]) -> list[T]:
        """The answers. Replicas that fail are left out; if one times out, the list is empty."""
        try:
            if self._handle is None:
                self._handle = await _handle_of_this()
        except Exception:
            logger.exception("the replicas of this deployment cannot be reached")
            return []
        return await ask_all(self._handle, method, returns=returns, within_s=WITHIN_S)


async def _handle_of_this() -> Handle:
    """Asks the controller in a thread, because that blocks; the handle's router uses this event loop."""
    here = serve.get_replica_context()
    handle = await asyncio.to_thread(serve.get_deployment_handle, here.deployment, here.app_name)
    return lean(handle)
