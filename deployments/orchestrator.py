"""Routes questions to the plain model, the documents or the agent."""

from deployments.answerer import AnswererServer
from deployments.models import connect_embedder, connect_llms
from deployments.placement import Peers
from deployments.remote import RemoteAnswerer
from genai.factory.orchestrator_factory import build_orchestrator
from genai.settings import Settings


class OrchestratorServer(AnswererServer):
    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.peers = peers
        embedder = connect_embedder(settings, peers)
        self.component = build_orchestrator(
            settings,
            embedder,
            llm=connect_llms(settings, peers, embedder, settings.chat.llm)[settings.chat.llm],
            rag=peers.connect("rag", RemoteAnswerer),
            agent=peers.connect("agent", RemoteAnswerer),
        )
