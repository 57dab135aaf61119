"""Language models served by a vLLM engine in this process, on a CPU or on GPUs."""

import asyncio
import functools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

from genai.llms.vllm_engine import VLLMEngine, Voice  # it configures vLLM, which comes after it

# isort: split
from vllm import SamplingParams
from vllm.exceptions import GracefulHTTPError, VLLMClientError
from vllm.outputs import RequestOutput
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

from genai.base.llm import AdaptableLLM, BaseLLM
from genai.errors import (
    BackendFailed,
    DeadlineExceeded,
    InvalidInput,
    ModelUnavailable,
    Overloaded,
)
from genai.llms.chat_template import room_for
from genai.llms.json_schema.closing import closer
from genai.llms.json_schema.grammar import checked_schema, enforceable_schema
from genai.llms.shaping import ForcedCall, MaybeCalls, PlainText, SchemaText, Shape, joined
from genai.llms.tool_prompting import forced_tool
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, ToolSpec, Usage
from genai.settings.models import VLLMSettings

logger = logging.getLogger(__name__)

REASONS: dict[str, FinishReason] = {"stop": "stop", "length": "length"}

LONGEST_TOOL_NAME = 64


@dataclass(frozen=True, slots=True)
class Job:
    """A request as the engine needs it, and how its text becomes an answer."""

    prompt: list[int]
    params: SamplingParams
    shape: Shape
    spent: Usage

    def used(self, tokens: int) -> Usage:
        """With so many tokens made by now."""
        return self.spent + Usage(prompt_tokens=len(self.prompt), completion_tokens=tokens)


class VLLM(AdaptableLLM):
    """A model, or what an adapter makes of it; all adapters of a model share its engine."""

    continues = True

    def __init__(
        self,
        name: str,
        settings: VLLMSettings,
        *,
        engine: VLLMEngine | None = None,
        adapter: str = "",
    ) -> None:
        self.name = name
        self.native_tools = settings.native_tools
        self._settings = settings
        self._engine = engine or VLLMEngine(name, settings)
        self._owns_engine = engine is None
        self._adapter = adapter
        self._tried = False

    def with_adapter(self, name: str, source: str) -> BaseLLM:
        return VLLM(name, self._settings, engine=self._engine, adapter=source)

    async def async_start(self) -> None:
        """An adapter that cannot be loaded is tried again; others may have taken the place of one
        that was."""
        await self._engine.async_start()
        if not self._adapter or (self._tried and await self.async_available()):
            return
        try:
            async with self._engine.adapters.asked(self._adapter):
                pass
        except ModelUnavailable:
            if not self._tried:
                extra = {"model": self.name, "adapter": self._adapter}
                logger.exception("an adapter cannot be loaded", extra=extra)
        self._tried = True

    async def async_available(self) -> bool:
        return not self._adapter or not self._engine.refused(self._adapter)

    async def async_chat(self, request: ChatRequest) -> Completion:
        job = await self._prepare(request, RequestOutputKind.FINAL_ONLY)
        output = await self._run_whole(request, job.prompt, job.params)
        said = output.outputs[0]
        chunks = [job.shape.feed(said.text), job.shape.finish(_reason(said.finish_reason))]
        usage = job.used(len(said.token_ids))
        return joined(filter(None, chunks), model=self.name, usage=usage)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        job = await self._prepare(request, RequestOutputKind.DELTA)
        tokens = 0
        async with aclosing(self._run(request, job.prompt, job.params)) as outputs:
            async for output in outputs:
                said = output.outputs[0]
                tokens += len(said.token_ids)
                chunk = job.shape.feed(said.text) or Chunk(model=self.name)
                yield chunk.model_copy(update={"spent": job.used(tokens)})
        last = job.shape.finish(_reason(said.finish_reason))
        yield last.model_copy(update={"usage": job.used(tokens)})

    async def async_check_health(self) -> None:
        await self._engine.async_check()

    async def async_check_alive(self) -> None:
        await self._engine.async_check()

    async def async_close(self) -> None:
        """The engine goes with the model itself, and an adapter leaves it."""
        if self._owns_engine:
            await self._engine.async_close()
        elif self._adapter:
            await self._engine.drop(self._adapter)

    def running(self) -> int:
        return self._engine.running(self.name)

    async def _prepare(self, request: ChatRequest, kind: RequestOutputKind) -> Job:
        await self._engine.async_start()
        spent = Usage()
        check_tools(request)
        tool = forced_tool(request)
        if tool and request.tool_choice == "required" and len(request.tools) > 1:
            tool, spent = await self._choose_tool(request)
        schema = tool.parameters if tool else request.sampling.json_schema
        if schema is not None:
            param = "tools" if tool else "response_format"
            schema = await self._grammar_schema(schema, param)
        structure = StructuredOutputsParams(json=schema) if schema is not None else None
        prompt, params = self._for_engine(request, kind, structure)
        return Job(prompt, params, self._shape(request, tool, schema), spent)

    async def _grammar_schema(self, schema: str, param: str) -> str:
        """In a thread, because a large schema takes longer than others should wait."""
        terse = self._settings.terse_json
        return await asyncio.to_thread(grammar_schema, schema, terse=terse, param=param)

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
        prompt = self._engine.template.tokens(request)
        sampling = request.sampling
        params = SamplingParams(
            max_tokens=room_for(prompt, sampling, self._settings.max_model_len),
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            stop=[] if structure is not None else list(sampling.stop),
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
        deadline = asyncio.get_running_loop().time() + request.context.remaining_s()
        voice = Voice(self.name, self._adapter)
        outputs = self._engine.outputs(prompt, params, request.context.request_id, voice)
        async with aclosing(outputs):
            finished = False
            while not finished:
                with translated():
                    async with asyncio.timeout_at(deadline):
                        output = await anext(outputs)
                finished = output.finished
                yield output


@functools.lru_cache(maxsize=256)
def grammar_schema(schema: str, *, terse: bool, param: str) -> str:
    """The schema as the engine's grammar needs it. Raises `InvalidInput` that names what is not kept."""
    with naming(param):
        return enforceable_schema(schema, terse=terse)


def check_tools(request: ChatRequest) -> None:
    """Raises `InvalidInput` for tools that could not be called, or not as the request asks."""
    if request.tool_choice == "none":
        return
    if request.tools and request.tool_choice == "auto" and request.sampling.json_schema is not None:
        raise InvalidInput(
            "with a response_format, tool_choice must be none, required or name a tool", "tools"
        )
    for tool in request.tools:
        check_parameters(tool.parameters)


@functools.lru_cache(maxsize=256)
def check_parameters(schema: str) -> None:
    with naming("tools"):
        checked_schema(schema)


@contextmanager
def naming(param: str) -> Iterator[None]:
    """Names the field of the request in which the schema stands."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(str(error), param) from None


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


def _reason(reason: str | None) -> FinishReason:
    known = REASONS.get(reason or "")
    if known is None:
        raise BackendFailed("the model's answer broke off")
    return known
