"""OpenAI's chat completion request, as far as it can be honoured.

A known field that would change the answer in a way we cannot is refused unless it has its default;
hints that never change an answer (`user` and the like) are taken and ignored; other fields are
unknown.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from deployments.api.schemas import Body, Hint, TimedBody
from genai.messages import OnBreak

Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


def _joined_text(value: object) -> object:
    if not isinstance(value, list):
        return value
    texts = [_text_of(part) for part in value]
    return "".join(texts)


def _text_of(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text), **rest} if not rest:
            return text
    raise ValueError("must be text, or a list of parts of type 'text'")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _chosen_tool(value: object) -> object:
    match value:
        case {"type": "function", "function": {"name": str(name)}}:
            return name
        case None | "auto" | "none" | "required":
            return value
    raise ValueError("must be 'auto', 'none', 'required' or a function by name")


def _only(*defaults: object) -> AfterValidator:
    def check(value: object) -> object:
        if value not in defaults:
            raise ValueError("is not supported here; leave it out")
        return value

    return AfterValidator(check)


Unsupported = Annotated[Any, _only(None)]
Stop = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Stops = Annotated[list[Stop], Field(max_length=4)]
Text = Annotated[
    str,
    BeforeValidator(_joined_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]}),
]


class FunctionCall(Body):
    name: Name
    arguments: str


class ToolCallIn(Body):
    id: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    type: Literal["function"] = "function"
    function: FunctionCall
    index: int | None = None


class ChatMessage(Body):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | None = None
    name: Hint = None
    tool_calls: Annotated[list[ToolCallIn], Field(max_length=128)] | None = None
    tool_call_id: Hint = None
    refusal: Unsupported = None
    audio: Unsupported = None
    function_call: Unsupported = None
    annotations: Annotated[Any, _only(None, [])] = None

    @model_validator(mode="after")
    def fits_its_role(self) -> "ChatMessage":
        if self.tool_calls and self.role != "assistant":
            raise ValueError("only a message of the assistant may have tool_calls")
        if self.role == "tool" and not self.tool_call_id:
            raise ValueError("a message of a tool needs tool_call_id")
        if self.content is None and not self.tool_calls:
            raise ValueError("a message needs content")
        return self


class FunctionIn(Body):
    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = Field(
        default=None,
        description="Taken, and changes nothing: calls that `tool_choice` demands follow their "
        "schema where the engine can, others are the model's own.",
    )


class ToolIn(Body):
    type: Literal["function"]
    function: FunctionIn


class JSONSchemaFormat(Body):
    name: Name
    description: str | None = None
    json_schema: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(Body):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JSONSchemaFormat | None = None

    @model_validator(mode="after")
    def has_its_schema(self) -> "ResponseFormat":
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("json_schema is required for the type 'json_schema'")
        if self.type != "json_schema" and self.json_schema is not None:
            raise ValueError("json_schema goes with the type 'json_schema' only")
        return self


class StreamOptions(Body):
    include_usage: bool | None = None
    include_obfuscation: Annotated[bool | None, _only(None, False)] = None


class ChatCompletionBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "assistant",
                    "messages": [{"role": "user", "content": "What does a new card cost?"}],
                }
            ]
        }
    )

    model: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="More than the model's context has room for is cut to that room.",
    )
    on_break: OnBreak = Field(
        default="continue",
        description="When the stream of a model breaks off: `continue` it where that is possible, or "
        "`restart`. A chunk with `restarted` then says that all the text before it is void.",
    )
    max_completion_tokens: int | None = Field(default=None, ge=1, le=100_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: Annotated[Stops | None, BeforeValidator(_listed)] = None
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    tools: Annotated[list[ToolIn], Field(max_length=128)] | None = None
    tool_choice: Annotated[str | None, BeforeValidator(_chosen_tool)] = None
    response_format: ResponseFormat | None = None

    user: Hint = None
    safety_identifier: Hint = None
    prompt_cache_key: Hint = None
    metadata: dict[str, str] | None = None

    n: Annotated[int | None, _only(None, 1)] = None
    frequency_penalty: Annotated[float | None, _only(None, 0)] = None
    presence_penalty: Annotated[float | None, _only(None, 0)] = None
    logit_bias: Annotated[dict[str, Any] | None, _only(None, {})] = None
    logprobs: Annotated[bool | None, _only(None, False)] = None
    top_logprobs: Annotated[int | None, _only(None, 0)] = None
    parallel_tool_calls: Annotated[bool | None, _only(None, True)] = None
    store: Annotated[bool | None, _only(None, False)] = None
    service_tier: Annotated[str | None, _only(None, "auto", "default")] = None
    modalities: Annotated[list[str] | None, _only(None, ["text"])] = None
    audio: Unsupported = None
    prediction: Unsupported = None
    reasoning_effort: Unsupported = None
    verbosity: Unsupported = None
    web_search_options: Unsupported = None
    prompt_cache_retention: Unsupported = None
    functions: Unsupported = None
    function_call: Unsupported = None

    @model_validator(mode="after")
    def agrees_with_itself(self) -> "ChatCompletionBody":
        limits = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(limits) > 1:
            raise ValueError("max_tokens and max_completion_tokens differ; send one of them")
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options needs stream")
        if not self.tools and self.tool_choice not in {None, "auto", "none"}:
            raise ValueError("tool_choice needs tools")
        return self
