"""A client for any server with OpenAI's chat completions API, with the official SDK."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice as ChunkChoice
from openai.types.completion_usage import CompletionUsage

from genai.base.llm import BaseLLM, as_chunk
from genai.base.prompt import estimate_message_tokens, estimate_tokens
from genai.errors import (
    BackendFailed,
    DeadlineExceeded,
    InvalidInput,
    Misconfigured,
    Overloaded,
)
from genai.llms.streamed_usage import collected
from genai.messages import (
    ChatRequest,
    Chunk,
    Completion,
    FinishReason,
    Message,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from genai.settings.models import OpenAISettings

REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}

OPTIONAL = {"temperature", "top_p", "seed"}
UNSUPPORTED_CODES = {"unsupported_value", "unsupported_parameter"}

STREAM_ARGUMENTS = {"stream": True, "stream_options": {"include_usage": True}}

CONTINUE_ARGUMENTS = {"continue_final_message": True, "add_generation_prompt": False}
"""Parameters of vLLM: continue the last message instead of beginning a new one."""

LONGEST_RETRY_AFTER_S = 3600.0

MOST_TOKENS = 100_000_000
"""Larger counts of one call are not plausible."""


TRANSPORT_ERRORS = (aiohttp.ClientError, httpx2.HTTPError, httpx2.StreamError, OSError)
"""Errors of the layers below the SDK that it does not translate."""

PARSE_ERRORS = (openai.OpenAIError, AttributeError, TypeError, ValueError, RecursionError)

MOST_BYTES = 64 * 2**20
"""Longest answer, so that an endless one does not fill the memory."""


class OpenAILLM(BaseLLM):
    """Calls once; retries are left to wrappers. The API key is read by the constructor, which raises
    `Misconfigured` if its variable is not set.

    `async_chat` streams, too, if the server supports that: so the usage of a call that is cut off is known,
    and the server stops generating.
    """

    def __init__(self, name: str, settings: OpenAISettings) -> None:
        key = os.environ.get(settings.api_key_env)
        if not key:
            raise Misconfigured(f"the model {name} needs {settings.api_key_env} to be set")
        self.name = name
        self.continues = settings.continues
        self.native_tools = settings.native_tools
        self._settings = settings
        # OpenAI's newest models require the new name; other servers often support only the old one.
        is_openai = settings.base_url.startswith("https://api.openai.com/")
        self._limit = "max_completion_tokens" if is_openai else "max_tokens"
        self._refused: set[str] = set()
        self._streams = True
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=settings.base_url,
            max_retries=0,
            http_client=openai.DefaultAioHttpClient(
                follow_redirects=False,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [limit_size]},
            ),
        )

    async def async_chat(self, request: ChatRequest) -> Completion:
        if self._streams:
            try:
                return await collected(self.async_stream(request), request, self.name)
            except InvalidInput as error:
                if not (error.param or "").startswith("stream"):
                    raise
                self._streams = False
        async with translated(request):
            answer: ChatCompletion = await self._create(self._arguments(request))
            return self._completion(answer, request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        texts: list[str] = []
        reason: FinishReason | None = None
        usage: Usage | None = None
        calls = _Calls()
        async with await self._open(request) as stream:
            if "json" in stream.response.headers.get("content-type", ""):
                yield as_chunk(await self._unstreamed(stream, request))
                return
            while True:
                async with translated(request):
                    part = await anext(stream, None)
                    if part is None:
                        break
                    usage = _usage(part.usage) if part.usage else usage
                    chunk = self._chunk(part.choices[0], calls) if part.choices else Chunk()
                reason = chunk.finish_reason or reason
                if chunk.text or chunk.tool_calls:
                    texts.append(chunk.text)
                    yield chunk.model_copy(update={"finish_reason": None})
        if reason is None:
            raise BackendFailed("the model's answer broke off")
        if usage is None:
            self._streams = False  # without streaming, the server may report the usage
            usage = estimated(request, "".join(texts))
        yield Chunk(model=self.name, finish_reason=reason, usage=usage)

    async def _open(self, request: ChatRequest) -> openai.AsyncStream[ChatCompletionChunk]:
        async with translated(request):
            stream: openai.AsyncStream[ChatCompletionChunk] = await self._create(
                self._arguments(request) | STREAM_ARGUMENTS
            )
            return stream

    async def _unstreamed(
        self, stream: openai.AsyncStream[ChatCompletionChunk], request: ChatRequest
    ) -> Completion:
        """The answer of a server that ignores ``stream``."""
        async with translated(request):
            answer = ChatCompletion.construct(**json.loads(await stream.response.aread()))
            return self._completion(answer, request)

    async def _create(self, arguments: dict[str, Any]) -> Any:
        """Leaves out optional parameters that the model refused, as reasoning models refuse temperature."""
        while True:
            accepted = {k: v for k, v in arguments.items() if k not in self._refused}
            try:
                return await self._client.chat.completions.create(**accepted)
            except openai.BadRequestError as error:
                if error.code not in UNSUPPORTED_CODES or error.param not in OPTIONAL & set(
                    accepted
                ):
                    raise
                self._refused.add(error.param)

    async def async_close(self) -> None:
        await self._client.close()

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        remaining_s = request.context.remaining_s()
        if not remaining_s:
            raise DeadlineExceeded("the request ran out of time")
        sampling = request.sampling
        arguments: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [as_openai(message) for message in request.messages],
            self._limit: sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "timeout": min(self._settings.timeout_s, remaining_s),
            "extra_headers": {"X-Client-Request-Id": request.context.request_id},
        }
        if sampling.stop:
            arguments["stop"] = list(sampling.stop)
        if sampling.seed is not None:
            arguments["seed"] = sampling.seed
        if sampling.json_schema is not None:
            schema = {"name": "answer", "schema": json.loads(sampling.json_schema)}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        if self.continues and request.messages[-1].role == "assistant":
            arguments["extra_body"] = CONTINUE_ARGUMENTS
        return arguments | _tools(request)

    def _completion(self, answer: ChatCompletion, request: ChatRequest) -> Completion:
        if not answer.choices:
            raise BackendFailed("the model gave no answer")
        choice = answer.choices[0]
        text = choice.message.content or ""
        return Completion(
            text=text,
            model=self.name,
            finish_reason=REASONS.get(choice.finish_reason, "stop"),
            tool_calls=tuple(
                ToolCall(id=call.id, name=call.function.name, arguments=call.function.arguments)
                for call in choice.message.tool_calls or ()
                if call.type == "function"
            ),
            usage=_usage(answer.usage) if answer.usage else estimated(request, text),
        )

    def _chunk(self, choice: ChunkChoice, calls: "_Calls") -> Chunk:
        deltas = tuple(
            ToolCallDelta(
                index=calls.number(call.index, call.id),
                id=call.id,
                name=call.function.name if call.function else None,
                arguments=(call.function.arguments if call.function else None) or "",
            )
            for call in choice.delta.tool_calls or ()
        )
        return Chunk(
            text=choice.delta.content or "",
            model=self.name,
            tool_calls=deltas,
            finish_reason=REASONS.get(choice.finish_reason, "stop")
            if choice.finish_reason
            else None,
        )


class _Calls:
    """Numbers the tool calls of one answer, because some servers send index 0 or None for each."""

    def __init__(self) -> None:
        self._ids: list[str | None] = []
        self._latest: dict[int | None, int] = {}

    def number(self, index: int | None, call_id: str | None) -> int:
        known = self._latest.get(index)
        if known is None or (call_id and self._ids[known] not in (None, call_id)):
            known = self._latest[index] = len(self._ids)
            self._ids.append(call_id or None)
        return known


async def limit_size(response: Any) -> None:
    """Limit an answer to `MOST_BYTES`. Refuses compressed ones: they could expand to any size."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise BackendFailed("the model's answer is packed, though this was not asked for", False)
    response.stream = _SizeLimited(response.stream)


class _SizeLimited(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise BackendFailed("the model's answer is too long", False)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def translated(request: ChatRequest) -> AsyncIterator[None]:
    """Enforces the request's deadline, and translates errors of the SDK into those of `genai.errors`.

    The timeout of the SDK applies to a single read, of which a stream has many.
    """
    try:
        async with asyncio.timeout(request.context.remaining_s()):
            yield
    except TimeoutError as error:
        raise DeadlineExceeded("the request ran out of time") from error
    except openai.APITimeoutError as error:
        if not request.context.remaining_s():
            raise DeadlineExceeded("the request ran out of time") from error
        raise BackendFailed("the model took too long") from error
    except openai.APIConnectionError as error:
        raise BackendFailed("the model could not be reached") from error
    except openai.APIStatusError as error:
        raise _of_status(error) from error
    except openai.APIError as error:
        raise BackendFailed("the model failed") from error
    except TRANSPORT_ERRORS as error:
        raise BackendFailed("the model's answer broke off") from error
    except PARSE_ERRORS as error:
        raise BackendFailed("the model's answer could not be understood") from error


def _of_status(error: openai.APIStatusError) -> Exception:
    """The request is at fault in 4xx, except for 401, 403, 404 (operator) and 408, 409, 429 (try later)."""
    status = error.status_code
    if status < 400:
        return BackendFailed("the model's server sends its callers elsewhere", False)
    if status == 429:
        return _too_many(error)
    if status in (401, 403, 404):
        return BackendFailed("the model refused the service's access", False)
    if status in (408, 409) or status >= 500:
        return BackendFailed("the model failed")
    refused = error.param or ("stream" if "stream" in error.message.lower() else None)
    return InvalidInput("the model does not accept this request", refused)


def _too_many(error: openai.APIStatusError) -> Exception:
    if error.code == "insufficient_quota":
        return BackendFailed("the service's quota of the model is used up", False)
    busy = Overloaded("the model is too busy")
    try:
        asked_s = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return busy
    busy.retry_after_s = min(max(asked_s, 0.0), LONGEST_RETRY_AFTER_S)
    return busy


def as_openai(message: Message) -> dict[str, Any]:
    """The message in OpenAI's format."""
    shaped: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        shaped["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        shaped["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return shaped


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    choice: object = request.tool_choice
    if choice not in ("auto", "none", "required"):
        choice = {"type": "function", "function": {"name": choice}}
    return {
        "tool_choice": choice,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": json.loads(tool.parameters),
                },
            }
            for tool in request.tools
        ],
    }


def _usage(usage: CompletionUsage) -> Usage:
    """The usage that the server reports, limited to plausible values."""
    details = usage.prompt_tokens_details
    prompt = _plausible(usage.prompt_tokens)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=_plausible(usage.completion_tokens),
        cached_tokens=min(prompt, _plausible(details.cached_tokens if details else 0)),
    )


def _plausible(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), MOST_TOKENS)


def estimated(request: ChatRequest, text: str) -> Usage:
    """The estimated usage of a call whose server did not report it."""
    return Usage(
        prompt_tokens=estimate_message_tokens(request.messages),
        completion_tokens=estimate_tokens(text),
    )
