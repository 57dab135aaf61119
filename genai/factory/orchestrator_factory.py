"""Builds the orchestrator: the router, and an answerer for each route."""

from pathlib import Path

import yaml
from pydantic import TypeAdapter

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.chat import ChatAnswerer
from genai.factory.observability_factory import traced_answerer
from genai.messages import Route
from genai.orchestrator import Orchestrator
from genai.routing.nearest import NearestExampleRouter
from genai.routing.replies import Replies
from genai.safety.prompt_leak import marked
from genai.settings import RoutingSettings, Settings

EXAMPLES = TypeAdapter(dict[Route, tuple[str, ...]])


def build_orchestrator(
    settings: Settings,
    embedder: BaseEmbedder,
    *,
    llm: BaseLLM,
    rag: BaseAnswerer,
    agent: BaseAnswerer,
) -> Orchestrator:
    chat = ChatAnswerer(llm, marked(settings.chat.system_prompt))
    router = build_router(settings.routing, embedder)
    answerers: dict[Route, BaseAnswerer] = {"chat": chat, "rag": rag, "agent": agent}
    return Orchestrator(
        router,
        {route: traced_answerer(found, route) for route, found in answerers.items()},
        Replies(settings.routing.replies),
    )


def build_router(settings: RoutingSettings, embedder: BaseEmbedder) -> NearestExampleRouter:
    """Raises `OSError` or `ValueError` when the file of examples cannot be used."""
    examples = EXAMPLES.validate_python(yaml.safe_load(Path(settings.examples).read_text()))
    return NearestExampleRouter(
        embedder,
        examples,
        fallback=settings.fallback,
        min_similarity=settings.min_similarity,
    )
