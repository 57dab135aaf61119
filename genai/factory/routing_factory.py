"""Builds what decides which version of a model gets a request."""

from collections.abc import Awaitable, Callable

from genai.memory.connection import connect
from genai.memory.store import Store
from genai.messages import Question
from genai.promotion.routing import Routing, RoutingTable
from genai.promotion.tables import CachedRouting, RedisRoutingTable
from genai.settings.application import Settings
from genai.settings.models import CanarySettings


def routing_table(settings: Settings) -> RoutingTable:
    """Opens no connection yet."""
    redis = settings.redis
    return RedisRoutingTable(lambda: Store(connect(redis), timeout_s=redis.timeout_s))


def initial_routing(configured: CanarySettings) -> Routing:
    """The routing before any version was promoted."""
    champion, challenger = configured.slots
    return Routing(champion=champion, challenger=challenger)


def assigned_by(settings: Settings) -> Callable[[Question], Awaitable[str]]:
    """Finds the slot of `chat.llm` that a question is assigned to; empty if that model has no slots."""
    name = settings.chat.llm
    configured = settings.llms[name]
    if not isinstance(configured, CanarySettings):
        return _nobody
    routing = CachedRouting(routing_table(settings), name, initial_routing(configured))

    async def assigned(question: Question) -> str:
        return (await routing.async_current()).slot_of(question.context)

    return assigned


async def _nobody(question: Question) -> str:
    return ""
