"""``POST /v1/chat/completions``: OpenAI's protocol, for the configured models and the assistant."""

import time
from typing import Any
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field

from deployments.api.answers import CERTAINTY
from deployments.api.call import Call, Reply, reply
from deployments.api.chat_schema import ChatCompletionBody, ChatMessage, ToolIn
from deployments.api.chat_stream import ChunkEncoder, encode_error, usage_object
from deployments.api.sse import EventStream
from genai.access.demand import Demand
from genai.base.prompt import TOKENS_PER_MESSAGE, estimate_tokens
from genai.errors import GenAIError, InvalidInput, ModelNotFound
from genai.llms.bounds import most_tokens
from genai.messages import (
    Answer,
    Certainty,
    ChatRequest,
    Completion,
    Message,
    Question,
    Sampling,
    ToolCall,
    ToolSpec,
    Turn,
)

ASSISTANT = "assistant"
_DEFAULTS = Sampling()
_DONE = b"data: [DONE]\n\n"


class ChatCompletion(BaseModel):
    """OpenAI's `chat.completion`, and `citations` where an answer has sources. The assistant's has
    a `certainty` where documents were asked: in a stream, its last part.

    With the `finish_reason` `approval` the assistant waits for the decision about `approval`.
    With `stream`, the same in parts: OpenAI's `chat.completion.chunk`, ended by `[DONE]`.
    """

    model_config = ConfigDict(extra="allow")

    id: str
    object: str = "chat.completion"
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    certainty: Certainty | None = Field(default=None, description=CERTAINTY)


async def chat_completions(call: Call, body: ChatCompletionBody) -> Reply | EventStream:
    """Chat with a configured model, or with the whole `assistant`."""
    messages = tuple(_message(message) for message in body.messages)
    _check_length(messages, call.services.settings.http.max_input_chars)
    if body.model == ASSISTANT:
        return await _ask_assistant(call, body, messages)
    return await _ask_model(call, body, messages)


def estimate(call: Call, body: ChatCompletionBody) -> Demand:
    if body.model not in (ASSISTANT, *call.services.completions.models()):
        raise ModelNotFound
    lengths = (estimate_tokens(message.content or "") for message in body.messages)
    call.prompt_tokens = sum(lengths) + TOKENS_PER_MESSAGE * len(body.messages)
    call.max_tokens = _max_tokens(body)
    tokens = call.prompt_tokens + call.max_tokens
    return Demand(body.model, tokens, _quote(call, body))


def _quote(call: Call, body: ChatCompletionBody) -> int:
    quotes = call.services.quotes
    if quotes.free:
        return 0
    messages = [_message(message) for message in body.messages]
    prompt = most_tokens(messages, [_tool(tool) for tool in body.tools or ()])
    prompt += len(_json_schema(body) or "")
    if body.model == ASSISTANT:
        return quotes.of_question("auto", prompt, _max_tokens(body), call.within_s())
    return quotes.of_model(body.model, prompt, _max_tokens(body), call.within_s())


def encode_last_error(error: GenAIError, request_id: str) -> bytes:
    """The end of a stream that failed."""
    return encode_error(error, request_id) + _DONE


async def _ask_model(
    call: Call, body: ChatCompletionBody, messages: tuple[Message, ...]
) -> Reply | EventStream:
    request = ChatRequest(
        messages=messages,
        context=call.context(),
        sampling=_sampling(body),
        tools=tuple(_tool(tool) for tool in body.tools or ()),
        tool_choice=body.tool_choice or "auto",
    )
    completions = call.services.completions
    if body.stream:
        encoder = _encoder(call, body)
        chunks = completions.async_stream(body.model, request, call.metered())
        return EventStream(chunks, encoder.chunk, encode_error, call.is_accounted, _DONE)
    completion = await completions.async_chat(body.model, request)
    call.usage = completion.usage
    return reply(_completion_object(call, completion))


async def _ask_assistant(
    call: Call, body: ChatCompletionBody, messages: tuple[Message, ...]
) -> Reply | EventStream:
    question = _question(call, body, messages)
    assistant = call.services.assistant
    if body.stream:
        encoder = _encoder(call, body)
        events = assistant.async_stream(question, call.metered())
        return EventStream(events, encoder.event, encode_error, call.is_accounted, _DONE)
    answer = await assistant.async_answer(question)
    call.usage = answer.usage
    said = {**_completion_object(call, _as_completion(answer)), "route": answer.route}
    if answer.approval is not None:
        said["approval"] = vars(answer.approval)
    if answer.certainty is not None:
        said["certainty"] = answer.certainty
    return reply(said)


def _question(call: Call, body: ChatCompletionBody, messages: tuple[Message, ...]) -> Question:
    """The last message is the question, the ones before it are the history; none is stored."""
    if body.tools:
        raise InvalidInput("the assistant has its own tools; leave tools out", "tools")
    if _json_schema(body) is not None:
        raise InvalidInput(
            "the assistant answers in plain text; ask a model for JSON", "response_format"
        )
    if any(message.role not in {"user", "assistant"} for message in messages):
        raise InvalidInput(
            "the assistant has its own instructions: only messages of user and assistant, please",
            "messages",
        )
    *earlier, last = messages
    if last.role != "user":
        raise InvalidInput("the last message must be the user's", "messages")
    history = tuple(
        Turn(role="user" if m.role == "user" else "assistant", content=m.content) for m in earlier
    )
    return Question(
        text=last.content, context=call.context(), history=history, sampling=_sampling(body)
    )


def _encoder(call: Call, body: ChatCompletionBody) -> ChunkEncoder:
    options = body.stream_options
    include_usage = options is not None and options.include_usage is True
    return ChunkEncoder(call, body.model, include_usage=include_usage)


def _as_completion(answer: Answer) -> Completion:
    return Completion(
        text=answer.text,
        model=answer.model,
        finish_reason=answer.finish_reason,
        citations=answer.citations,
        usage=answer.usage,
        degraded=answer.degraded,
    )


def _completion_object(call: Call, completion: Completion) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": _message_object(completion),
        "logprobs": None,
        "finish_reason": completion.finish_reason,
    }
    extras: dict[str, Any] = {}
    if completion.citations:
        extras["citations"] = [vars(citation) for citation in completion.citations]
    if completion.degraded is not None:
        extras["degraded_reason"] = completion.degraded
    return {
        "id": call.shown_id(f"chatcmpl-{uuid4().hex}"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": completion.model,
        "choices": [choice],
        "usage": usage_object(completion.usage),
        **extras,
    }


def _message_object(completion: Completion) -> dict[str, Any]:
    calls = completion.tool_calls
    message: dict[str, Any] = {
        "role": "assistant",
        "content": completion.text if completion.text or not calls else None,
        "refusal": None,
    }
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in calls
        ]
    return message


# -- from OpenAI's words to ours ---------------------------------------------------------------


def _message(message: ChatMessage) -> Message:
    return Message(
        role="system" if message.role == "developer" else message.role,
        content=message.content or "",
        tool_calls=tuple(
            ToolCall(id=call.id, name=call.function.name, arguments=call.function.arguments)
            for call in message.tool_calls or ()
        ),
        tool_call_id=message.tool_call_id,
    )


def _tool(tool: ToolIn) -> ToolSpec:
    function = tool.function
    if function.parameters is None:
        return ToolSpec(name=function.name, description=function.description or "")
    return ToolSpec(
        name=function.name,
        description=function.description or "",
        parameters=orjson.dumps(function.parameters).decode(),
    )


def _sampling(body: ChatCompletionBody) -> Sampling:
    return Sampling(
        max_tokens=_max_tokens(body),
        temperature=_DEFAULTS.temperature if body.temperature is None else body.temperature,
        top_p=_DEFAULTS.top_p if body.top_p is None else body.top_p,
        stop=tuple(body.stop or ()),
        seed=body.seed,
        json_schema=_json_schema(body),
        on_break=body.on_break,
    )


def _max_tokens(body: ChatCompletionBody) -> int:
    return body.max_completion_tokens or body.max_tokens or _DEFAULTS.max_tokens


def _json_schema(body: ChatCompletionBody) -> str | None:
    chosen = body.response_format
    if chosen is None or chosen.type == "text":
        return None
    if chosen.json_schema is None:
        return '{"type":"object"}'
    return orjson.dumps(chosen.json_schema.json_schema).decode()


def _check_length(messages: tuple[Message, ...], most: int) -> None:
    if sum(len(message.content) for message in messages) > most:
        raise InvalidInput(f"the messages may have at most {most} characters together", "messages")
    last = messages[-1]
    if last.role == "user" and not last.content.strip():
        raise InvalidInput("the last message must not be empty", f"messages.{len(messages) - 1}")
