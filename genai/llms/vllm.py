"""A vLLM engine in this process, on a CPU or on GPUs."""

import asyncio
import functools
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# vLLM configures its log and its telemetry when it is imported.
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
# On a CPU vLLM would else put the worker into a process of its own, and the engine would spin for
# its answers on a core that the model needs.
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
# The engine's threads share their cores with other replicas: spinning at barriers doubles its cost.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from vllm import AsyncEngineArgs, SamplingParams
from vllm.exceptions import GracefulHTTPError, VLLMClientError
from vllm.inputs.engine import tokens_input
from vllm.outputs import RequestOutput
from vllm.platforms import current_platform
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

from genai.base.llm import BaseLLM
from genai.errors import (
    BackendFailed,
    DeadlineExceeded,
    InvalidInput,
    Misconfigured,
    Overloaded,
)
from genai.llms.chat_template import ChatTemplate, room_for
from genai.llms.json_bounds import safe
from genai.llms.json_closing import closer
from genai.llms.precision import on_cpu
from genai.llms.shaping import ForcedCall, MaybeCalls, PlainText, SchemaText, Shape, joined
from genai.llms.tool_prompting import forced_tool
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, ToolSpec, Usage
from genai.settings import VLLMSettings

REASONS: dict[str, FinishReason] = {"stop": "stop", "length": "length"}

LONGEST_TOOL_NAME = 64


@dataclass(frozen=True, slots=True)
class Job:
    """A request as the engine needs it, and how its text becomes an answer."""

    prompt: list[int]
    params: SamplingParams
    shape: Shape
    spent: Usage


class VLLM(BaseLLM):
    """The engine starts with `async_start` or the first call, and then takes seconds to minutes."""

    continues = True

    def __init__(self, name: str, settings: VLLMSettings) -> None:
        self.name = name
        self.native_tools = settings.native_tools
        self._settings = settings
        self._engine: AsyncLLM | None = None
        self._template: ChatTemplate | None = None
        self._starting = asyncio.Lock()
        self._calls = 0

    async def async_start(self) -> None:
        async with self._starting:
            if self._engine is None:
                engine = await asyncio.to_thread(self._load)
                self._template = ChatTemplate(engine.get_tokenizer())
                self._engine = engine

    async def async_chat(self, request: ChatRequest) -> Completion:
        job = await self._prepare(request, RequestOutputKind.FINAL_ONLY)
        output = await self._run_whole(request, job.prompt, job.params)
        said = output.outputs[0]
        chunks = [job.shape.feed(said.text), job.shape.finish(_reason(said.finish_reason))]
        usage = Usage(prompt_tokens=len(job.prompt), completion_tokens=len(said.token_ids))
        return joined(filter(None, chunks), model=self.name, usage=job.spent + usage)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        job = await self._prepare(request, RequestOutputKind.DELTA)
        tokens = 0
        async with aclosing(self._run(request, job.prompt, job.params)) as outputs:
            async for output in outputs:
                said = output.outputs[0]
                tokens += len(said.token_ids)
                chunk = job.shape.feed(said.text)
                if chunk is not None:
                    yield chunk
        last = job.shape.finish(_reason(said.finish_reason))
        usage = Usage(prompt_tokens=len(job.prompt), completion_tokens=tokens)
        yield last.model_copy(update={"usage": job.spent + usage})

    async def async_check_health(self) -> None:
        if self._engine is not None and self._engine.errored:
            raise BackendFailed("the engine of the model has died", False)

    async def async_close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.shutdown)

    def running(self) -> int:
        """Requests in the engine, those that wait for their turn included."""
        unfinished: int = self._engine.get_num_unfinished_requests() if self._engine else 0
        return unfinished

    def _load(self) -> AsyncLLM:
        settings = self._settings
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
        )
        try:
            return AsyncLLM.from_engine_args(arguments)
        except (OSError, ValueError, RuntimeError) as error:
            raise Misconfigured(f"the model {self.name} cannot be loaded") from error

    async def _prepare(self, request: ChatRequest, kind: RequestOutputKind) -> Job:
        if self._engine is None:
            await self.async_start()
        spent = Usage()
        tool = forced_tool(request)
        if tool and request.tool_choice == "required" and len(request.tools) > 1:
            tool, spent = await self._choose_tool(request)
        schema = tool.parameters if tool else request.sampling.json_schema
        if schema is not None:
            schema = grammar_schema(schema, terse=self._settings.terse_json)
        structure = StructuredOutputsParams(json=schema) if schema is not None else None
        prompt, params = self._for_engine(request, kind, structure)
        return Job(prompt, params, self._shape(request, tool, schema), spent)

    def _shape(self, request: ChatRequest, tool: ToolSpec | None, schema: str | None) -> Shape:
        if schema is not None and tool is not None:
            return ForcedCall(self.name, tool, schema, closer().missing)
        if schema is not None:
            return SchemaText(self.name, schema, closer().missing)
        if request.tools and request.tool_choice == "auto":
            return MaybeCalls(self.name, request.tools)
        return PlainText(self.name)

    def _for_engine(
        self, request: ChatRequest, kind: RequestOutputKind, structure: Any
    ) -> tuple[list[int], SamplingParams]:
        assert self._template is not None
        prompt = self._template.tokens(request)
        sampling = request.sampling
        params = SamplingParams(
            max_tokens=room_for(prompt, sampling, self._settings.max_model_len),
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            stop=list(sampling.stop),
            seed=sampling.seed,
            output_kind=kind,
            structured_outputs=structure,
            skip_clone=True,
        )
        return prompt, params

    async def _choose_tool(self, request: ChatRequest) -> tuple[ToolSpec, Usage]:
        """Let the model say which of the tools it calls, and what asking cost."""
        tools = {tool.name: tool for tool in request.tools}
        choice = StructuredOutputsParams(choice=list(tools))
        prompt, params = self._for_engine(request, RequestOutputKind.FINAL_ONLY, choice)
        params.max_tokens = min(params.max_tokens, LONGEST_TOOL_NAME)
        said = (await self._run_whole(request, prompt, params)).outputs[0]
        spent = Usage(prompt_tokens=len(prompt), completion_tokens=len(said.token_ids))
        return tools.get(said.text, request.tools[0]), spent

    async def _run_whole(
        self, request: ChatRequest, prompt: list[int], params: SamplingParams
    ) -> RequestOutput:
        async with aclosing(self._run(request, prompt, params)) as outputs:
            return await anext(outputs)

    async def _run(
        self, request: ChatRequest, prompt: list[int], params: SamplingParams
    ) -> AsyncGenerator[RequestOutput, None]:
        """The engine's outputs until the deadline; leaving early frees the engine."""
        engine = self._engine
        assert engine is not None
        remaining_s = request.context.remaining_s()
        deadline = asyncio.get_running_loop().time() + remaining_s
        self._calls += 1
        engine_id = f"{request.context.request_id}-{self._calls}"
        outputs = engine.generate(tokens_input(prompt), params, engine_id)
        finished = False
        try:
            while not finished:
                with translated():
                    async with asyncio.timeout_at(deadline):
                        output = await anext(outputs)
                finished = output.finished
                yield output
        finally:
            if not finished:
                await outputs.aclose()
                # A call that is cancelled while it is handed over is not the generator's to abort.
                await engine.abort(engine_id)


@functools.lru_cache(maxsize=256)
def grammar_schema(schema: str, *, terse: bool) -> str:
    """The schema as the engine's grammar needs it. Raises `InvalidInput` when it is no schema."""
    try:
        parsed = json.loads(schema)
    except ValueError:
        raise InvalidInput("the JSON schema is not valid JSON", "response_format") from None
    if not isinstance(parsed, dict):
        raise InvalidInput("a JSON schema must be an object", "response_format")
    return json.dumps(safe(parsed, terse=terse))


@contextmanager
def translated() -> Iterator[None]:
    """Turn vLLM's errors into the library's."""
    try:
        yield
    except TimeoutError as error:
        raise DeadlineExceeded("the request ran out of time") from error
    except VLLMClientError as error:
        raise InvalidInput("the model cannot do what the request asks for") from error
    except GracefulHTTPError as error:
        raise Overloaded("the model has too many requests waiting") from error
    except EngineDeadError as error:
        raise BackendFailed("the engine of the model has died") from error
    except EngineGenerateError as error:
        raise BackendFailed("the model failed") from error


def _cpu_cache_bytes(settings: VLLMSettings) -> int | None:
    """On a GPU the cache takes what ``gpu_memory_utilization`` leaves."""
    return int(settings.cpu_kv_cache_gib * 2**30) if current_platform.is_cpu() else None


def _reason(reason: str | None) -> FinishReason:
    known = REASONS.get(reason or "")
    if known is None:
        raise BackendFailed("the model's answer broke off")
    return known
