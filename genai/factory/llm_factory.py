"""Builds the configured models, with what protects them.

    FallbackLLM ─┬▶ PricedLLM ─▶ BulkheadLLM ─▶ CircuitBreakerLLM ─▶ RetryingLLM ─▶ HedgedLLM ─▶ OpenAILLM
                 ├▶ PricedLLM ─▶ VLLM, which its adapters share
                 └▶ WatchedLLM ─▶ a model of another process, as it was handed in

Only a back end outside of the service gets a circuit breaker. A model in this process that breaks must fail
its health check instead, so that its replica is replaced.
"""

import logging
from collections.abc import Iterable, Mapping
from functools import partial

from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.errors import Misconfigured
from genai.factory.back_end_factory import BackEnds, needed_embedder
from genai.factory.routing_factory import initial_routing, routing_table
from genai.llms.failover.chain import FallbackLLM
from genai.llms.failover.watched import WatchedLLM
from genai.llms.unavailable import UnavailableLLM
from genai.llms.wrappers.canary import CanaryLLM
from genai.llms.wrappers.hedged import HedgedLLM
from genai.llms.wrappers.priced import PricedLLM
from genai.llms.wrappers.resilient import BulkheadLLM, CircuitBreakerLLM, RetryingLLM
from genai.llms.wrappers.slot import SlotLLM
from genai.llms.wrappers.token_limited import TokenLimitedLLM
from genai.promotion.routing import RoutingTable
from genai.promotion.tables import CachedRouting
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.reliability.retry_budget import RetryBudget
from genai.settings.application import Settings
from genai.settings.chains import chain_of, components_of, lacks_key
from genai.settings.models import (
    AdapterSettings,
    AnalystSettings,
    CanarySettings,
    HuggingFaceSettings,
    LLMSettings,
    NearestExampleSettings,
    OpenAISettings,
    ResilienceSettings,
    VLLMSettings,
)

logger = logging.getLogger(__name__)


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
    composed = [name for name in wanted if components_of(settings.llms[name])]
    for name in wanted:
        if name not in single and name not in composed:
            single[name] = _build_single(name, settings, backs, table)
    for name in composed:
        single[name] = _build_composed(name, settings, single, embedder, table)
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


def _build_composed(
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


def _build_analyst(
    name: str, configured: AnalystSettings, model: BaseLLM, embedder: BaseEmbedder | None
) -> BaseLLM:
    from genai.analyst.analyst import AnalystLLM
    from genai.worked_examples.nearest_example import NearestExampleLLM

    known = NearestExampleSettings(backend="nearest_example", examples=configured.examples)
    worked = NearestExampleLLM(name, known, needed_embedder(embedder, name))
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
    return BulkheadLLM(CircuitBreakerLLM(retrying, circuit), configured.max_concurrent)
