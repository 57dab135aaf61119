"""The agent deployment: answers from databases and tools."""

from deployments.answerer import AnswererServer
from deployments.models import connect_embedder, connect_llms
from deployments.placement import Peers
from deployments.serving import begin_serving
from genai.agents.answerer import AgentAnswerer
from genai.factory.agent_factory import build_agent
from genai.factory.rag_factory import build_store
from genai.factory.safety_factory import build_guard, discreet
from genai.factory.state_factory import build_state
from genai.settings.application import Settings


class AgentServer(AnswererServer):
    def __init__(self, settings: Settings, peers: Peers) -> None:
        super().__init__()
        self.peers = peers
        embedder = connect_embedder(settings, peers)
        llm = connect_llms(settings, peers, embedder, settings.agent.llm)[settings.agent.llm]
        self.component = AgentAnswerer(
            build_agent(
                settings.agent,
                discreet(llm, settings.safety),
                build_guard(settings.safety),
                lambda: build_store(settings, embedder),
                build_state(settings).requester,
            )
        )
        begin_serving()
