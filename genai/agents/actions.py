"""The actions of an agent's model, and the messages with which results are returned to it.

A model writes one JSON object:

    {"thought": "...", "action": "sql", "arguments": {"query": "SELECT ..."}}
    {"thought": "...", "actions": [{"action": "sql", "arguments": {...}}, ...]}
    {"thought": "...", "answer": "..."}

and reads, as the next message of the user, a text that begins with `OBSERVATION`.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from genai.agents.plain_schema import plain_schema
from genai.base.tool import Observation
from genai.errors import InvalidInput
from genai.messages import Material, Message, ToolSpec

OBSERVATION: Final = "Observation:"
FAILED: Final = "Observation: the tool failed:"
MAX_OBSERVATION: Final = 4000
"""Tools may have lower limits of their own."""

MAX_CALLS: Final = 5

FENCE: Final = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)


class Spoken(BaseModel):
    """Rejects unknown fields, so that a mixture of both kinds is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thought: str = ""


class ToolAction(Spoken):
    action: str
    arguments: dict[str, JsonValue] = {}

    @property
    def arguments_json(self) -> str:
        """The arguments as canonical JSON text."""
        return json.dumps(self.arguments, sort_keys=True, ensure_ascii=False)


class ToolActions(Spoken):
    """Several independent tool calls."""

    actions: tuple[ToolAction, ...] = Field(min_length=1, max_length=MAX_CALLS)


class FinalAnswer(Spoken):
    answer: str


Action = ToolAction | ToolActions | FinalAnswer


def parse_action(text: str) -> Action:
    """Parse a model's reply. Raises `InvalidInput`, which tells the model what to correct."""
    try:
        spoken = json.loads(_unfenced(text), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidInput("answer with one JSON object and nothing else") from None
    if not isinstance(spoken, dict):
        raise InvalidInput("answer with one JSON object, not another kind of JSON")
    kind: type[Action] = ToolAction
    if "answer" in spoken or "actions" in spoken:
        kind = FinalAnswer if "answer" in spoken else ToolActions
    try:
        return kind.model_validate(spoken)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"{where}: {first['msg']}", where) from None


def action_schema(tools: Sequence[ToolSpec]) -> str:
    """The JSON schema of all actions, for engines with constrained decoding. Each tool has its own
    argument schema, if that is simple enough for every engine.
    """
    thought = {"type": "string"}
    calls = [
        {"action": {"enum": [tool.name]}, "arguments": plain_schema(tool.parameters)}
        for tool in tools
    ]
    several = {
        "type": "array",
        "items": {"anyOf": [_object(call) for call in calls]},
        "minItems": 1,
        "maxItems": MAX_CALLS,
    }
    answer: dict[str, Any] = {"thought": thought, "answer": {"type": "string"}}
    kinds = [*({"thought": thought, **call} for call in calls), answer]
    if calls:
        kinds.append({"thought": thought, "actions": several})
    return json.dumps({"anyOf": [_object(kind) for kind in kinds]})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def observation_message(*observations: Observation) -> Message:
    """The results of tools as a message for the model, truncated if too long."""
    if len(observations) == 1:
        return Message(role="user", content=observed(observations[0]))
    told = [f"[{n}] {observed(each)}" for n, each in enumerate(observations, start=1)]
    return Message(role="user", content="\n\n".join([f"{OBSERVATION} of each call", *told]))


def observed(observation: Observation) -> str:
    """The result, marked as data."""
    if observation.error is not None:
        return f"{FAILED} {shortened(observation.error)}"
    return f"{OBSERVATION}\n{shortened(observation.text)}"


def material_messages(material: Sequence[Material]) -> list[Message]:
    """Results of other nodes of a plan, marked like results of tools."""
    return [observation_message(Observation(text=f"({one.source}) {one.text}")) for one in material]


def is_observation(message: Message) -> bool:
    return message.role in ("user", "tool") and message.content.startswith(OBSERVATION)


def shortened(text: str) -> str:
    if len(text) <= MAX_OBSERVATION:
        return text
    return f"{text[:MAX_OBSERVATION]}\n(the rest is cut)"


def _unfenced(text: str) -> str:
    found = FENCE.match(text.strip())
    return found[1] if found else text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
