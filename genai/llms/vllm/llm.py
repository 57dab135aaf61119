"""Language models served by a vLLM engine in this process, on a CPU or on GPUs."""

import asyncio
import functools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

# It sets the environment of vLLM, so it comes first.
from genai.llms.vllm.engine import ServedModel, VLLMEngine

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
from genai.llms.chat_template import max_new_tokens
from genai.llms.json_schema.closing import completer
from genai.llms.json_schema.grammar import checked_schema, enforceable_schema
from genai.llms.shaping import ForcedCall, OptionalCalls, PlainText, SchemaText, Shape, joined
from genai.llms.spent import note_spent
from genai.llms.tool_prompting import forced_tool
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, ToolSpec, Usage
from genai.settings.models import VLLMSettings

logger = logging.getLogger(__name__)

REASONS: dict[str, FinishReason] = {"stop": "stop", "length": "length"}

LONGEST_TOOL_NAME = 64


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """A request in the engine's terms, and the shape of its answer."""

    prompt: list[int]
    params: SamplingParams
    shape: Shape
    spent: Usage

    def usage(self, tokens: int) -> Usage:
        """The usage after ``tokens`` completion tokens."""
        return self.spent + Usage(prompt_tokens=len(self.prompt), completion_tokens=tokens)


class VLLM(AdaptableLLM):
    """A model, or one with a LoRA adapter. All adapters of a model share its engine."""

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
        self._load_attempted = False

    def with_adapter(self, name: str, source: str) -> BaseLLM:
        return VLLM(name, self._settings, engine=self._engine, adapter=source)

    async def async_start(self) -> None:
        """Safe to call twice: an adapter that could not be loaded is tried again."""
        await self._engine.async_start()
        if not self._adapter or (self._load_attempted and await self.async_available()):
            return
        try:
            async with self._engine.adapters.lease(self._adapter):
                pass
        except ModelUnavailable:
            if not self._load_attempted:
                extra = {"model": self.name, "adapter": self._adapter}
                logger.exception("an adapter cannot be loaded", extra=extra)
        self._load_attempted = True

    async def async_available(self) -> bool:
        return not self._adapter or not self._engine.load_failed(self._adapter)

    async def async_chat(self, request: ChatRequest) -> Completion:
        """Whoever cuts the call off learns what it has used, from the error."""
        prepared = await self._prepare(request)
        texts, tokens = [], 0
        try:
            async with aclosing(self._run(request, prepared.prompt, prepared.params)) as outputs:
                async for output in outputs:
                    part = output.outputs[0]
                    texts.append(part.text)
                    tokens += len(part.token_ids)
        except (DeadlineExceeded, asyncio.CancelledError) as error:
            note_spent(error, prepared.usage(tokens))
            raise
        chunks = [
            prepared.shape.feed("".join(texts)),
            prepared.shape.finish(_reason(part.finish_reason)),
        ]
        return joined(filter(None, chunks), model=self.name, usage=prepared.usage(tokens))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        prepared = await self._prepare(request)
        tokens = 0
        async with aclosing(self._run(request, prepared.prompt, prepared.params)) as outputs:
            async for output in outputs:
                part = output.outputs[0]
                tokens += len(part.token_ids)
                chunk = prepared.shape.feed(part.text) or Chunk(model=self.name)
                yield chunk.model_copy(update={"spent": prepared.usage(tokens)})
        last = prepared.shape.finish(_reason(part.finish_reason))
        yield last.model_copy(update={"usage": prepared.usage(tokens)})

    async def async_check_health(self) -> None:
        await self._engine.async_check()

    async def async_check_alive(self) -> None:
        await self._engine.async_check()

    async def async_close(self) -> None:
        """Stops the engine, or for an adapter only unloads it."""
        if self._owns_engine:
            await self._engine.async_close()
        elif self._adapter:
            await self._engine.drop(self._adapter)

    def running(self) -> int:
        return self._engine.running(self.name)

    async def _prepare(self, request: ChatRequest) -> EngineRequest:
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
        prompt, params = self._for_engine(request, RequestOutputKind.DELTA, structure)
        return EngineRequest(prompt, params, self._shape(request, tool, schema), spent)

    async def _grammar_schema(self, schema: str, param: str) -> str:
        """Converts the schema in a thread, because a large one would block the event loop."""
        terse = self._settings.terse_json
        return await asyncio.to_thread(grammar_schema, schema, terse=terse, param=param)

    def _shape(self, request: ChatRequest, tool: ToolSpec | None, schema: str | None) -> Shape:
        if schema is not None and tool is not None:
            return ForcedCall(self.name, tool, schema, completer().completion)
        if schema is not None:
            return SchemaText(self.name, schema, completer().completion)
        if request.tools and request.tool_choice == "auto":
            return OptionalCalls(self.name, request.tools)
        return PlainText(self.name)

    def _for_engine(
        self, request: ChatRequest, kind: RequestOutputKind, structure: Any
    ) -> tuple[list[int], SamplingParams]:
        prompt = self._engine.template.tokens(request)
        sampling = request.sampling
        params = SamplingParams(
            max_tokens=max_new_tokens(prompt, sampling, self._settings.max_model_len),
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
        """Let the model choose the tool. Returns it and the usage of the choice."""
        tools = {tool.name: tool for tool in request.tools}
        choice = StructuredOutputsParams(choice=list(tools))
        prompt, params = self._for_engine(request, RequestOutputKind.FINAL_ONLY, choice)
        params.max_tokens = min(params.max_tokens, LONGEST_TOOL_NAME)
        chosen = (await self._run_whole(request, prompt, params)).outputs[0]
        spent = Usage(prompt_tokens=len(prompt), completion_tokens=len(chosen.token_ids))
        return tools.get(chosen.text, request.tools[0]), spent

    async def _run_whole(
        self, request: ChatRequest, prompt: list[int], params: SamplingParams
    ) -> RequestOutput:
        async with aclosing(self._run(request, prompt, params)) as outputs:
            return await anext(outputs)

    async def _run(
        self, request: ChatRequest, prompt: list[int], params: SamplingParams
    ) -> AsyncGenerator[RequestOutput, None]:
        """The engine's outputs until the deadline. Closing it early aborts the request."""
        deadline = asyncio.get_running_loop().time() + request.context.remaining_s()
        model = ServedModel(self.name, self._adapter)
        outputs = self._engine.outputs(prompt, params, request.context.request_id, model)
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
    """The schema for the engine's grammar. Raises `InvalidInput`, which names an unsupported keyword."""
    with attributed_to(param):
        return enforceable_schema(schema, terse=terse)


def check_tools(request: ChatRequest) -> None:
    """Raises `InvalidInput` for tools that cannot be called as the request demands."""
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
    with attributed_to("tools"):
        checked_schema(schema)


@contextmanager
def attributed_to(param: str) -> Iterator[None]:
    """Adds the name of the request's field to errors about its schema."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(str(error), param) from None


@contextmanager
def translated() -> Iterator[None]:
    """Translate vLLM's exceptions into those of `genai.errors`."""
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
    finish_reason = REASONS.get(reason or "")
    if finish_reason is None:
        raise BackendFailed("the model's answer broke off")
    return finish_reason
