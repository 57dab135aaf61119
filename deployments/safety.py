"""The safety deployment: runs the checks of the input."""

from deployments.placement import Peers
from deployments.readiness import Ready
from deployments.serving import begin_serving
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict
from genai.settings.application import Settings


class SafetyServer(Ready):
    component: Guard

    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.peers = peers
        self.component = build_guard(settings.safety)
        begin_serving()

    async def inspect(
        self, text: str, stage: Stage, context: RequestContext, final: bool, start: int
    ) -> Verdict:
        return await self.component.async_inspect(text, stage, context, final=final, start=start)
