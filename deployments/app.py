"""The application graph. Serve imports `build_app` and calls it with the ``args`` of `serve_config.yaml`.

    Ingress ──▶ Safety                      checks of the input; those of the output run in the ingress
       ├──────▶ Orchestrator ──┬──▶ RAG ────┬──▶ Embedder
       │                       ├──▶ Agent ──┤
       │                       └────────────┴──▶ LLM
       └──────▶ LLM, Embedder               the OpenAI-compatible routes

An arrow is a call over a Serve handle where ``args.placement`` says ``deployment``, and a plain method
call where it says ``inline``.

Do not add ``from __future__ import annotations``: Serve reads the annotation of `build_app` to turn the
args into `Settings`. With a string there, `build_app` would receive a plain dict.
"""

from ray import serve
from ray.serve import Application

from deployments.agent import AgentServer
from deployments.embedder import EmbedderServer
from deployments.ingress import Ingress
from deployments.llm import LLMServer
from deployments.orchestrator import OrchestratorServer
from deployments.placement import Peers, Ref, place
from deployments.rag import RAGServer
from deployments.safety import SafetyServer
from genai.settings.application import Settings


def build_app(settings: Settings) -> Application:
    """Binds the graph from the bottom up: every component gets the ones that it calls."""
    where = settings.placement
    embedder = place("Embedder", EmbedderServer, where.embedder, settings, Peers())
    models = llm_deployments(settings, embedder)
    shared = Peers(refs={"embedder": embedder}, llms=models)
    rag = place("RAG", RAGServer, where.rag, settings, shared)
    agent = place("Agent", AgentServer, where.agent, settings, shared)
    answerers = Peers(refs={"embedder": embedder, "rag": rag, "agent": agent}, llms=models)
    orchestrator = place(
        "Orchestrator", OrchestratorServer, where.orchestrator, settings, answerers
    )
    safety = place("Safety", SafetyServer, where.safety, settings, Peers())
    everything = Peers(
        refs={"embedder": embedder, "safety": safety, "orchestrator": orchestrator}, llms=models
    )
    return serve.deployment(name="Ingress")(Ingress).bind(settings, everything)


def llm_deployments(settings: Settings, embedder: Ref) -> dict[str, Ref]:
    """One deployment for each ``placement`` among the models; it hosts all models with that placement."""
    names = sorted({llm.placement for llm in settings.llms.values()} - {"inline"})
    bound = {
        name: serve.deployment(name=name)(LLMServer).bind(
            settings, Peers(refs={"embedder": embedder}), name
        )
        for name in names
    }
    return {
        name: bound[llm.placement]
        for name, llm in settings.llms.items()
        if llm.placement != "inline"
    }
