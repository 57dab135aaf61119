"""Readiness over the whole graph.

Each deployment asks those that it calls, so one call at the ingress covers all of them.
"""

import asyncio

from deployments.caller_errors import keep_caller_errors_out_of_the_log
from deployments.calls import Handle, call
from deployments.loopback import keep_replicas_on_loopback
from deployments.placement import Peers
from genai.errors import GenAIError

WITHIN_S = 2.0

# Every deployment class imports this module, so these run in each replica before it opens its port.
keep_replicas_on_loopback()
keep_caller_errors_out_of_the_log()


class Ready:
    """Base class of the deployments: reports which of the deployments it calls do not answer."""

    peers: Peers

    async def here(self) -> bool:
        """Liveness of this replica alone."""
        return True

    async def failing(self) -> dict[str, str]:
        """Error codes by name of deployment; empty when all answer."""
        return await failing(self.peers)


async def failing(peers: Peers) -> dict[str, str]:
    handles = peers.handles()
    found = await asyncio.gather(*map(_ask, handles.values()))
    return {name: why for part in found for name, why in part.items()}


async def _ask(handle: Handle) -> dict[str, str]:
    try:
        return await call(handle.failing, returns=dict, within_s=WITHIN_S)
    except GenAIError as error:
        return {handle.deployment_name: error.code}
