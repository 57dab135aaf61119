"""Builds the orchestrator: the router, and an answerer for each route."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.chat import ChatAnswerer
from genai.errors import Misconfigured
from genai.factory.observability_factory import traced_answerer
from genai.factory.plan_factory import build_plans
from genai.factory.rag_factory import build_store
from genai.factory.safety_factory import discreet
from genai.messages import Route
from genai.orchestrator import Orchestrator
from genai.routing.compound import Compound
from genai.routing.nearest import NearestExampleRouter
from genai.routing.ordered import IsOrder, OrdersFirst
from genai.routing.replies import Replies
from genai.routing.trained import TrainedRouter, read_route_weights
from genai.runs.approval_requester import ApprovalRequester
from genai.safety.prompt_leak import marked
from genai.settings.answering import RoutingSettings
from genai.settings.application import Settings
from genai.settings.models import AnalystSettings, NearestExampleSettings
from genai.settings.plans import AnswererRoute
from genai.worked_examples.library import read_library
from genai.worked_examples.ordering import is_ordered

EXAMPLES = TypeAdapter(dict[Route, tuple[str, ...]])


def build_orchestrator(
    settings: Settings,
    embedder: BaseEmbedder,
    *,
    models: Mapping[str, BaseLLM],
    rag: BaseAnswerer,
    agent: BaseAnswerer,
    requester: ApprovalRequester | None = None,
) -> Orchestrator:
    """``models`` has that of ``chat`` and those that the plans name."""
    talking = discreet(models[settings.chat.llm], settings.safety)
    chat = ChatAnswerer(talking, marked(settings.chat.system_prompt))
    ordered = build_orders(settings)
    router = OrdersFirst(build_router(settings.routing, embedder), ordered)
    found: dict[AnswererRoute, BaseAnswerer] = {"chat": chat, "rag": rag, "agent": agent}
    traced = {route: traced_answerer(one, route) for route, one in found.items()}
    answerers: dict[Route, BaseAnswerer] = dict(traced.items())
    compound = Compound(router, ordered)
    if settings.plans:
        plans = build_plans(
            settings,
            traced,
            compound,
            models,
            requester=requester,
            retriever=lambda: build_store(settings, embedder),
        )
        answerers["plan"] = traced_answerer(plans, "plan")
    return Orchestrator(
        router,
        answerers,
        Replies(settings.routing.replies),
        compound=compound,
        plans=dict(settings.routing.plans.items()),
        ordered=ordered,
    )


def build_orders(settings: Settings) -> IsOrder:
    """What the agent's model reads as an order, where it works by examples."""
    model = settings.llms.get(settings.agent.llm)
    if not isinstance(model, AnalystSettings | NearestExampleSettings):
        return lambda texts: False
    orders = read_library(Path(model.examples)).orders
    return lambda texts: is_ordered(texts, orders)


def build_router(
    settings: RoutingSettings, embedder: BaseEmbedder
) -> TrainedRouter | NearestExampleRouter:
    """Raises `Misconfigured` when the weights are of another embedder, and as `build_nearest`."""
    if not settings.weights:
        return build_nearest(settings, embedder)
    trained = read_route_weights(Path(settings.weights))
    if trained.embedder != embedder.name:
        raise Misconfigured(f"routing.weights are for the embedder {trained.embedder}")
    return TrainedRouter(embedder, trained)


def build_nearest(settings: RoutingSettings, embedder: BaseEmbedder) -> NearestExampleRouter:
    """Raises `OSError` or `ValueError` when the file of examples cannot be used."""
    examples = EXAMPLES.validate_python(yaml.safe_load(Path(settings.examples).read_text()))
    return NearestExampleRouter(
        embedder,
        examples,
        fallback=settings.fallback,
        min_similarity=settings.min_similarity,
    )
