"""Models run by transformers, in a thread beside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers.decoders import DecodeStream
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    StoppingCriteria,
    StoppingCriteriaList,
)

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, DeadlineExceeded, GenAIError, InvalidInput, Misconfigured
from genai.llms.batching import Batcher
from genai.llms.chat_template import ChatTemplate, max_new_tokens
from genai.llms.precision import on_cpu
from genai.llms.shaping import OptionalCalls, PlainText, Shape
from genai.llms.sources import base_of, load_adapter
from genai.llms.stop_words import StopWords
from genai.llms.streamed_usage import collected
from genai.llms.tool_prompting import forced_tool
from genai.messages import ChatRequest, Chunk, Completion, FinishReason, Sampling, Usage
from genai.settings.models import HuggingFaceSettings


@dataclass(frozen=True, slots=True)
class Finished:
    reason: FinishReason
    tokens: int


Event = str | Finished | GenAIError


@dataclass(eq=False, slots=True)
class BatchRow:
    """One row of a batch. ``abandoned`` is set by the event loop when the caller has left."""

    prompt: list[int]
    sampling: Sampling
    max_tokens: int
    tokenizer: Any
    stop: StopWords
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    abandoned: bool = False
    tokens: int = 0
    done: bool = False
    decoder: Any = field(default_factory=lambda: DecodeStream(skip_special_tokens=True))

    def usage(self, tokens: int) -> Usage:
        return Usage(prompt_tokens=len(self.prompt), completion_tokens=tokens)

    def add_token(self, token: int, ends: frozenset[int]) -> list[Event]:
        """Add a generated token. Returns the events that it causes."""
        self.tokens += 1
        if token in ends:
            return self._end("stop")
        text = self.stop.feed(self.decoder.step(self.tokenizer, token) or "")
        events: list[Event] = [text] if text else []
        if self.stop.found:
            return events + self._end("stop")
        if self.tokens >= self.max_tokens:
            return events + self._end("length")
        return events

    def _end(self, reason: FinishReason) -> list[Event]:
        self.done = True
        rest = self.stop.rest()
        return [*([rest] if rest else []), Finished(reason, self.tokens)]


class BatchStreamer(StoppingCriteria):  # type: ignore[misc]
    """Called for each new token of a batch: sends it to the callers, and stops the rows that are done."""

    def __init__(
        self, calls: Sequence[BatchRow], ends: frozenset[int], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._calls = calls
        self._ends = ends
        self._loop = loop

    def __call__(self, input_ids: torch.Tensor, scores: Any, **options: Any) -> torch.Tensor:
        updates: list[tuple[BatchRow, list[Event]]] = []
        for call, token in zip(self._calls, input_ids[:, -1].tolist(), strict=True):
            call.done = call.done or call.abandoned
            if not call.done:
                updates.append((call, call.add_token(token, self._ends)))
        self._loop.call_soon_threadsafe(deliver, updates)
        return torch.tensor([call.done for call in self._calls], device=input_ids.device)


def deliver(updates: Sequence[tuple[BatchRow, list[Event]]]) -> None:
    for call, events in updates:
        for item in events:
            call.events.put_nowait(item)


class HuggingFaceLLM(BaseLLM):
    """Runs up to ``max_batch_size`` calls at once; later ones wait for the next batch.

    Supports neither JSON schemas nor forced tool calls.
    """

    continues = True

    def __init__(self, name: str, settings: HuggingFaceSettings) -> None:
        self.name = name
        self.native_tools = settings.native_tools
        self._settings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"llm-{name}")
        self._starting = asyncio.Lock()
        self._model: Any = None
        self._tokenizer: Any = None
        self._template: ChatTemplate | None = None
        self._ends: frozenset[int] = frozenset()
        self._batcher = Batcher(
            self._run,
            max_size=settings.max_batch_size,
            wait_s=settings.batch_wait_ms / 1000,
            key=_batch_key,
        )

    async def async_start(self) -> None:
        async with self._starting:
            if self._model is None:
                loop = asyncio.get_running_loop()
                self._tokenizer, self._model = await loop.run_in_executor(self._thread, self._load)
                self._template = ChatTemplate(self._tokenizer)
                self._ends = _end_tokens(self._model, self._tokenizer)

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await collected(self.async_stream(request), request, self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        shape = self._shape(request)
        call = await self._prepare(request)
        deadline = asyncio.get_running_loop().time() + request.context.remaining_s()
        self._batcher.submit(call)
        try:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        event = await call.events.get()
                except TimeoutError as error:
                    raise DeadlineExceeded("the request ran out of time") from error
                if isinstance(event, GenAIError):
                    raise event
                if isinstance(event, Finished):
                    break
                chunk = shape.feed(event) or Chunk(model=self.name)
                yield chunk.model_copy(update={"spent": call.usage(call.tokens)})
        finally:
            call.abandoned = True
        yield shape.finish(event.reason).model_copy(update={"usage": call.usage(event.tokens)})

    async def async_close(self) -> None:
        await self._batcher.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _shape(self, request: ChatRequest) -> Shape:
        if request.sampling.json_schema is not None:
            raise InvalidInput("this model cannot obey a JSON schema", "response_format")
        if forced_tool(request) is not None:
            raise InvalidInput("this model cannot be made to call a tool", "tool_choice")
        if request.tools and request.tool_choice == "auto":
            return OptionalCalls(self.name, request.tools)
        return PlainText(self.name)

    async def _prepare(self, request: ChatRequest) -> BatchRow:
        await self.async_start()
        assert self._template is not None
        prompt = self._template.tokens(request)
        return BatchRow(
            prompt=prompt,
            sampling=request.sampling,
            max_tokens=max_new_tokens(prompt, request.sampling, self._settings.max_model_len),
            tokenizer=self._tokenizer.backend_tokenizer,
            stop=StopWords(request.sampling.stop),
        )

    async def _run(self, calls: list[BatchRow]) -> None:
        calls = [call for call in calls if not call.abandoned]
        if not calls:
            return
        loop = asyncio.get_running_loop()
        progress = BatchStreamer(calls, self._ends, loop)
        try:
            await loop.run_in_executor(self._thread, self._generate, calls, progress)
        except (RuntimeError, ValueError) as error:
            failed = BackendFailed("the model failed")
            failed.__cause__ = error
            deliver([(call, [failed]) for call in calls])

    def _load(self) -> tuple[Any, Any]:
        """An adapter is merged into the weights of its base model."""
        settings = self._settings
        base = base_of(settings.model)
        offline = Path(base).is_dir()
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
        device = wanted if settings.device == "auto" else settings.device
        try:
            tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=offline)
            model = AutoModelForCausalLM.from_pretrained(
                base,
                dtype=on_cpu(settings.dtype) if device == "cpu" else settings.dtype,
                local_files_only=offline,
            )
        except (OSError, ValueError) as error:
            raise Misconfigured(f"the model {self.name} cannot be loaded") from error
        if base != settings.model:
            model = load_adapter(model, Path(settings.model))
        return tokenizer, model.to(device).eval()

    def _generate(self, calls: Sequence[BatchRow], progress: BatchStreamer) -> None:
        """Runs in the thread. Prompts are padded on the left."""
        longest = max(len(call.prompt) for call in calls)
        pad = self._tokenizer.pad_token_id
        filler = pad if pad is not None else min(self._ends, default=0)
        rows = [[filler] * (longest - len(call.prompt)) + call.prompt for call in calls]
        masks = [[0] * (longest - len(call.prompt)) + [1] * len(call.prompt) for call in calls]
        first = calls[0].sampling
        if first.seed is not None:
            torch.manual_seed(first.seed)
        sampling = {"temperature": first.temperature, "top_p": first.top_p, "top_k": 0}
        with torch.inference_mode():
            self._model.generate(
                input_ids=torch.tensor(rows, device=self._model.device),
                attention_mask=torch.tensor(masks, device=self._model.device),
                max_new_tokens=max(call.max_tokens for call in calls),
                do_sample=first.temperature > 0,
                pad_token_id=filler,
                stopping_criteria=StoppingCriteriaList([progress]),
                **(sampling if first.temperature > 0 else {}),
            )


def _batch_key(call: BatchRow) -> tuple[object, ...]:
    """Calls with equal sampling share a batch; a call with a seed has its own."""
    alone = None if call.sampling.seed is None else id(call)
    return (call.sampling.temperature, call.sampling.top_p, alone)


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = model.generation_config.eos_token_id
    several = configured if isinstance(configured, list) else [configured]
    return frozenset(end for end in (*several, tokenizer.eos_token_id) if end is not None)
