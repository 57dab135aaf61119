"""One vLLM engine in this process, and the adapters that it serves."""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# vLLM configures its log and its telemetry when it is imported.
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
# Its logging setup closes the handlers of others; buffering ones would then keep each line for ever.
os.environ.setdefault("VLLM_CONFIGURE_LOGGING", "0")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
# On a CPU, vLLM would run the worker in another process, and the engine would busy-wait for it on a
# core that the model needs.
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
# The engine's threads share their cores with other replicas: spinning at barriers doubles its cost.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# oneDNN caches a kernel for each batch size in tokens; its default of 1024 lets the memory grow for days.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")

from vllm import AsyncEngineArgs, SamplingParams
from vllm.inputs.engine import tokens_input
from vllm.lora.request import LoRARequest
from vllm.outputs import RequestOutput
from vllm.platforms import current_platform
from vllm.v1.engine.async_llm import AsyncLLM

from genai.errors import BackendFailed, Misconfigured
from genai.llms.chat_template import ChatTemplate
from genai.llms.precision import on_cpu
from genai.llms.vllm.adapters import VLLMAdapters
from genai.reliability.process_state import RUNNABLE, thread_states
from genai.reliability.watchdog import Watchdog
from genai.settings.models import VLLMSettings

HEALTH_TIMEOUT_S = 0.7
"""Limit for one answer of the engine between two steps. A health check has a second in all."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model's name, and its adapter if it has one."""

    name: str
    adapter: str = ""


class VLLMEngine:
    """Starts with `async_start`, which takes seconds to minutes. Safe to start twice."""

    def __init__(self, name: str, settings: VLLMSettings) -> None:
        self.name = name
        self.settings = settings
        self._engine: AsyncLLM | None = None
        self._template: ChatTemplate | None = None
        self._adapters: VLLMAdapters | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._adapter_requests: Counter[str] = Counter()
        self._watchdog = Watchdog(settings.stuck_after_s)

    async def async_start(self) -> None:
        if self._engine is not None:
            return
        async with self._starting:
            if self._engine is None:
                engine = await asyncio.to_thread(self._load)
                self._template = ChatTemplate(engine.get_tokenizer())
                self._adapters = await self._with_adapters(engine)
                self._engine = engine

    @property
    def template(self) -> ChatTemplate:
        assert self._template is not None
        return self._template

    @property
    def adapters(self) -> VLLMAdapters:
        assert self._adapters is not None
        return self._adapters

    async def async_check(self) -> None:
        """Raise `BackendFailed` when the engine has died or hangs.

        It hangs when it does not answer although none of its threads is runnable, or when requests
        run and it produces no output for ``stuck_after_s``.
        """
        if self._engine is None:
            return
        if self._engine.errored:
            raise BackendFailed("the engine of the model has died", False)
        if self._watchdog.is_stuck():
            raise BackendFailed("the engine of the model hangs", False)
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                await self._engine.is_sleeping()
        except TimeoutError:
            if RUNNABLE not in _process_states(self._engine):
                raise BackendFailed("the engine of the model hangs", False) from None

    def running(self, name: str) -> int:
        """The number of running and waiting requests of a model or adapter."""
        if name != self.name:
            return self._adapter_requests[name]
        unfinished: int = self._engine.get_num_unfinished_requests() if self._engine else 0
        return max(0, unfinished - self._adapter_requests.total())

    def load_failed(self, adapter: str) -> bool:
        return self._adapters is not None and self._adapters.load_failed(adapter)

    async def drop(self, adapter: str) -> None:
        if self._adapters is not None:
            await self._adapters.drop(adapter)

    async def outputs(
        self, prompt: list[int], params: SamplingParams, request_id: str, model: ServedModel
    ) -> AsyncGenerator[RequestOutput, None]:
        """Exceptions of vLLM pass through. Closing it early aborts the request."""
        engine = self._engine
        assert engine is not None
        engine_id = f"{request_id}-{next(self._numbers)}"
        async with self._lease(model) as lora:
            outputs = engine.generate(tokens_input(prompt), params, engine_id, lora_request=lora)
            finished = False
            try:
                while not finished:
                    with self._watchdog.working():  # a caller may take its time in between
                        output = await anext(outputs)
                    self._watchdog.step()
                    finished = output.finished
                    yield output
            finally:
                if not finished:
                    await outputs.aclose()
                    # A call that is cancelled while it is handed over is not the generator's to abort.
                    await engine.abort(engine_id)

    async def async_close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.shutdown)

    @asynccontextmanager
    async def _lease(self, model: ServedModel) -> AsyncIterator[LoRARequest | None]:
        if self._adapters is None:
            yield None
            return
        counted = model.name != self.name
        self._adapter_requests[model.name] += counted
        try:
            async with self._adapters.lease(model.adapter) as lora:
                yield lora
        finally:
            self._adapter_requests[model.name] -= counted

    async def _with_adapters(self, engine: AsyncLLM) -> VLLMAdapters | None:
        limits = self.settings.adapters
        if limits is None:
            return None
        adapters = await asyncio.to_thread(
            VLLMAdapters, engine, self.settings.model, limits, neutral=current_platform.is_cpu()
        )
        await adapters.async_start()
        return adapters

    def _load(self) -> AsyncLLM:
        settings = self.settings
        if Path(settings.model).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        if current_platform.is_cpu():
            # Ray allows a replica with less than a core one thread; the engine inherits the variable.
            os.environ["OMP_NUM_THREADS"] = str(settings.cpu_threads or os.cpu_count())
        arguments = AsyncEngineArgs(
            model=settings.model,
            served_model_name=self.name,
            max_model_len=settings.max_model_len,
            dtype=on_cpu(settings.dtype) if current_platform.is_cpu() else settings.dtype,
            gpu_memory_utilization=settings.gpu_memory_utilization,
            tensor_parallel_size=settings.tensor_parallel_size,
            max_num_seqs=settings.max_num_seqs,
            enforce_eager=settings.enforce_eager,
            kv_cache_memory_bytes=_cpu_cache_bytes(settings),
            # A request cannot switch white space off, and small models emit nothing else.
            structured_outputs_config={"backend": "xgrammar", "disable_any_whitespace": True},
            disable_log_stats=True,
            enable_log_requests=False,
            **_adapter_arguments(settings),
        )
        try:
            return AsyncLLM.from_engine_args(arguments)
        except (OSError, ValueError, RuntimeError) as error:
            raise Misconfigured(f"the model {self.name} cannot be loaded") from error


def _process_states(engine: AsyncLLM) -> list[bytes]:
    """The thread states of the engine's processes. Runnable means computing, or waiting for a CPU."""
    manager = engine.engine_core.resources.engine_manager
    processes = getattr(manager, "processes", ())
    return [state for process in processes for state in thread_states(process.pid)]


def _cpu_cache_bytes(settings: VLLMSettings) -> int | None:
    """None on a GPU, where ``gpu_memory_utilization`` determines the size."""
    return int(settings.cpu_kv_cache_gib * 2**30) if current_platform.is_cpu() else None


def _adapter_arguments(settings: VLLMSettings) -> dict[str, Any]:
    """On a CPU with one slot more, for the neutral adapter."""
    limits = settings.adapters
    if limits is None:
        return {}
    slots = limits.loaded + (1 if current_platform.is_cpu() else 0)
    return {
        "enable_lora": True,
        "max_loras": slots,
        "max_cpu_loras": slots,
        "max_lora_rank": limits.max_rank,
    }
