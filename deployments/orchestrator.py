"""The orchestrator deployment: routes a question to the model, RAG or the agent, or runs a plan."""

from collections.abc import Callable
from typing import Any

from ray.serve.handle import DeploymentHandle

from deployments.answerer import AnswererServer
from deployments.models import connect_embedder, connect_llms
from deployments.placement import Peers
from deployments.ray_errors import ReplicaLost
from deployments.remote import RemoteAnswerer
from deployments.serving import begin_serving
from genai.base.answerer import BaseAnswerer
from genai.factory.orchestrator_factory import build_orchestrator
from genai.factory.plan_factory import supervisors
from genai.factory.state_factory import build_state
from genai.fallback_answerer import FallbackAnswerer
from genai.settings.application import Settings

Server = Callable[[Settings, Peers], AnswererServer]


class OrchestratorServer(AnswererServer):
    """While no replica of RAG or Agent is alive, it builds the component and answers in its own process."""

    def __init__(self, settings: Settings, peers: Peers) -> None:
        super().__init__()
        self.peers = peers
        self._settings = settings
        embedder = connect_embedder(settings, peers)
        names = {settings.chat.llm, *supervisors(settings)}
        self.component = build_orchestrator(
            settings,
            embedder,
            models=connect_llms(settings, peers, embedder, *names),
            rag=self._connected("rag", _rag),
            agent=self._connected("agent", _agent),
            requester=build_state(settings).requester,
        )
        begin_serving()

    def _connected(self, name: str, server: Callable[[], Server]) -> BaseAnswerer:
        def build() -> BaseAnswerer:
            return server()(self._settings, self.peers).component

        def remote(handle: DeploymentHandle[Any]) -> BaseAnswerer:
            first = RemoteAnswerer(handle)
            return FallbackAnswerer(first, build, check=first.async_check, lost=ReplicaLost)

        return self.peers.connect(name, remote)


def _rag() -> Server:
    """Imported on first use: most replicas never need it."""
    from deployments.rag import RAGServer

    return RAGServer


def _agent() -> Server:
    from deployments.agent import AgentServer

    return AgentServer
