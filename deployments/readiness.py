"""Whether everything that a request needs answers.

Each deployment asks those that it calls, so one question at the ingress reaches the whole graph.
"""

import asyncio

from deployments.caller_errors import keep_caller_errors_out_of_the_log
from deployments.loopback import keep_replicas_on_loopback
from deployments.placement import Peers
from deployments.remote import Handle, call
from genai.errors import GenAIError

WITHIN_S = 2.0

# Every deployment's class imports this module, so it runs in each replica before its port opens.
keep_replicas_on_loopback()
keep_caller_errors_out_of_the_log()


class Ready:
    """A deployment that says which of the deployments it needs do not answer."""

    peers: Peers

    async def here(self) -> bool:
        """Somebody is there; asks nobody else."""
        return True

    async def failing(self) -> dict[str, str]:
        """Names of deployments that do not answer, and why; empty when all do."""
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
