"""``POST /mcp``: the assistant and its tools for other agents, by the Model Context Protocol.

The streamable HTTP of the protocol without sessions: every message is a request of its own, with its
key, its limits and its reply in JSON. Tools that change something are not offered: ask the assistant,
whose runs can wait for an approval.
"""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from deployments.api.answers import answer_object
from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import NOT_BLANK, Body
from genai.access.demand import Demand
from genai.base.prompt import estimate_tokens
from genai.base.tool import Observation
from genai.errors import CallerError, ContentRefused, InvalidInput
from genai.memory.names import checked
from genai.memory.session_ids import new_session_id
from genai.messages import Question, ToolSpec

VERSIONS = ("2025-06-18", "2025-03-26", "2024-11-05")
SPOKEN = "mcp-protocol-version"
ASK = "ask_assistant"
MAX_TOKENS = 512

NO_SUCH_METHOD, BAD_PARAMS = -32601, -32602


class AskArguments(Body):
    question: Annotated[str, NOT_BLANK]
    session_id: str | None = Field(default=None, description="Continues a conversation.")


class Message(Body):
    """A request has an `id`. Messages without one are notifications, and are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
                {"jsonrpc": "2.0", "method": "notifications/initialized"},
            ]
        }
    )

    jsonrpc: Annotated[str, Field(pattern=r"^2\.0$")]
    id: Annotated[str, Field(max_length=256)] | int | None = None
    method: Annotated[str, Field(max_length=256)] = ""
    params: dict[str, JsonValue] = {}
    result: dict[str, JsonValue] | None = None
    error: dict[str, JsonValue] | None = None


class MessageReply(BaseModel):
    jsonrpc: str
    id: str | int
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


async def mcp(call: Call, body: Message) -> Reply:
    """One message of the Model Context Protocol. See `tools/list` for what can be called."""
    _check_version(call)
    if body.id is None or not body.method:
        return Reply(b"", 202)
    try:
        result = await _result(call, body)
    except _Unknown as error:
        return _failed(body, NO_SUCH_METHOD, error.message)
    except InvalidInput as error:
        return _failed(body, BAD_PARAMS, error.message)
    return reply({"jsonrpc": "2.0", "id": body.id, "result": result})


def _check_version(call: Call) -> None:
    """Without one it is the protocol of March 2025."""
    spoken = call.headers.get(SPOKEN.encode())
    if spoken is not None and spoken.decode("latin-1").strip() not in VERSIONS:
        raise InvalidInput(f"the versions spoken here are {', '.join(VERSIONS)}", SPOKEN)


def estimate(call: Call, body: Message) -> Demand:
    """Only calls of the assistant cost anything."""
    asked = body.params.get("arguments")
    if body.method != "tools/call" or body.params.get("name") != ASK or not isinstance(asked, dict):
        return Demand()
    text = str(asked.get("question", ""))
    call.prompt_tokens = estimate_tokens(text)
    size = len(text.encode(errors="replace"))
    micro_usd = call.services.quotes.of_question("auto", size, MAX_TOKENS, call.within_s())
    return Demand("assistant", call.prompt_tokens + MAX_TOKENS, micro_usd)


class _Unknown(CallerError):
    """A protocol method that is not supported."""


async def _result(call: Call, body: Message) -> dict[str, Any]:
    match body.method:
        case "initialize":
            return _introduction(body.params.get("protocolVersion"))
        case "ping":
            return {}
        case "tools/list":
            specs = await call.services.toolbox.async_specs(call.context())
            return {"tools": [_asking(), *map(_shown, specs)]}
        case "tools/call":
            return await _use(call, body.params)
        case _:
            raise _Unknown("there is no such method")


def _introduction(wanted: JsonValue) -> dict[str, Any]:
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "genai-factory", "version": "1"},
    }


async def _use(call: Call, params: dict[str, JsonValue]) -> dict[str, Any]:
    name, arguments = params.get("name"), params.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise InvalidInput("a call has a name and arguments")
    if name == ASK:
        return await _ask(call, arguments)
    text = orjson.dumps(arguments).decode()
    return _said(await call.services.toolbox.async_use(name, text, call.context()))


async def _ask(call: Call, arguments: dict[str, JsonValue]) -> dict[str, Any]:
    asked = _checked(call, arguments)
    question = Question(
        text=asked.question,
        context=call.context(),
        session_id=asked.session_id or new_session_id(),
        begins=asked.session_id is None,
    )
    try:
        answer = await call.services.assistant.async_answer(question)
    except ContentRefused as error:
        return _said(Observation(text="", error=error.message))
    call.usage = answer.usage
    whole = orjson.loads(orjson.dumps(answer_object(call, answer, {})))
    return _said(Observation(text=answer.text)) | {"structuredContent": whole}


def _checked(call: Call, arguments: dict[str, JsonValue]) -> AskArguments:
    try:
        asked = AskArguments.model_validate(arguments)
    except ValueError:
        raise InvalidInput(f"{ASK} takes a question, and a session_id to continue one") from None
    if len(asked.question) > call.services.settings.http.max_input_chars:
        raise InvalidInput("the question is too long")
    if asked.session_id is not None:
        checked(asked.session_id, "session_id")
    return asked


def _said(seen: Observation) -> dict[str, Any]:
    text = seen.text if seen.error is None else seen.error
    return {"content": [{"type": "text", "text": text}], "isError": seen.error is not None}


def _asking() -> dict[str, Any]:
    return {
        "name": ASK,
        "description": "Ask the assistant, who answers from documents, databases and its model.",
        "inputSchema": AskArguments.model_json_schema(),
    }


def _shown(spec: ToolSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "description": spec.description,
        "inputSchema": orjson.loads(spec.parameters),
        "annotations": {"readOnlyHint": True},
    }


def _failed(body: Message, code: int, message: str) -> Reply:
    error = {"code": code, "message": message}
    return reply({"jsonrpc": "2.0", "id": body.id, "error": error})
