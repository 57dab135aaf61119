"""The way in: HTTP for everybody, and `answer` for callers inside the cluster."""

from fastapi import FastAPI
from ray import serve

from deployments.models import connect_embedder, connect_llms
from deployments.placement import Peers
from deployments.remote import RemoteAnswerer, RemoteGuard
from genai.assistant import Assistant
from genai.completions import GuardedCompletions
from genai.messages import Answer, Question
from genai.settings import Settings


@serve.ingress()
class Ingress:
    """Holds what every request needs: the assistant, the models, the keys, limits and memory."""

    def __init__(self, settings: Settings, peers: Peers) -> None:
        within_s = settings.safety.timeout_s
        guard = peers.connect("safety", lambda handle: RemoteGuard(handle, within_s=within_s))
        embedder = connect_embedder(settings, peers)
        self._state = build_state(settings)
        self._assistant = Assistant(
            guard,
            peers.connect("orchestrator", RemoteAnswerer),
            self._state.memory,
            history_tokens=settings.memory.max_tokens,
        )
        self._services = ...
        completions = GuardedCompletions(guard, connect_llms(settings, peers, embedder))

    async def answer(self, question: Question) -> Answer:
        """The way in for jobs, such as the evaluation of the live application."""
        return await self._assistant.async_answer(question)

    async def __serve_build_asgi_app__(self) -> FastAPI:
        """Called by Serve once per replica, after the constructor."""
        return build_http_app(self._services)
