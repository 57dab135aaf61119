"""The RAG deployment: answers from documents."""

from deployments.answerer import AnswererServer
from deployments.models import connect_embedder, connect_llms
from deployments.placement import Peers
from deployments.serving import begin_serving
from genai.factory.rag_factory import build_rag
from genai.settings.application import Settings


class RAGServer(AnswererServer):
    def __init__(self, settings: Settings, peers: Peers) -> None:
        super().__init__()
        self.peers = peers
        embedder = connect_embedder(settings, peers)
        llm = connect_llms(settings, peers, embedder, settings.rag.llm)[settings.rag.llm]
        self.component = build_rag(settings, embedder, llm)
        begin_serving()
