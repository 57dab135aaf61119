"""Runs the checks of what comes in."""

from deployments.garbage import settle
from deployments.placement import Peers
from deployments.precedence import step_back
from deployments.readiness import Ready
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict
from genai.settings.application import Settings


class SafetyServer(Ready):
    component: Guard

    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.peers = peers
        self.component = build_guard(settings.safety)
        settle()
        step_back()

    async def inspect(
        self, text: str, stage: Stage, context: RequestContext, final: bool, start: int
    ) -> Verdict:
        return await self.component.async_inspect(text, stage, context, final=final, start=start)
