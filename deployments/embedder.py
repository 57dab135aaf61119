"""The embedder deployment: turns texts into vectors. Scales by itself: it wants a GPU or many cores."""

from deployments.placement import Peers
from deployments.readiness import Ready
from deployments.serving import begin_serving
from genai.base.embedder import BaseEmbedder
from genai.factory.embedder_factory import build_embedder
from genai.settings.application import Settings


class EmbedderServer(Ready):
    component: BaseEmbedder

    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.peers = peers
        self.component = build_embedder(settings.embedder)
        begin_serving()

    async def embed(self, texts: list[str]) -> list[list[float]]:
        return await self.component.async_embed(texts)
