"""Native tool calls of a model, and the messages that answer them.

assistant   calls sql(...), calculator(...)       several calls are independent of each other
tool        "Observation: ..."                    one for each call, marked as data
assistant   the answer, as plain text
"""

import json
from collections.abc import Sequence

from genai.agents.actions import (
    MAX_CALLS,
    Action,
    FinalAnswer,
    ToolAction,
    ToolActions,
    observed,
    parse_action,
    shortened,
)
from genai.base.tool import Observation
from genai.errors import InvalidInput
from genai.messages import Completion, Message, ToolCall

NOT_CALLED = "not called, because another call of the same reply was malformed"


def read_native(completion: Completion) -> Action:
    """Parse a reply with native tool calls. Raises `InvalidInput`, which says what to correct.

    A fallback model may reply in the text protocol; that is accepted, too.
    """
    if not completion.tool_calls:
        return _without_calls(completion.text)
    if len(completion.tool_calls) > MAX_CALLS:
        raise InvalidInput(f"call at most {MAX_CALLS} tools at once")
    calls = [_action(call) for call in completion.tool_calls]
    return calls[0] if len(calls) == 1 else ToolActions(actions=tuple(calls))


def _without_calls(text: str) -> Action:
    try:
        return parse_action(text)
    except InvalidInput:
        return FinalAnswer(answer=text)


def _action(call: ToolCall) -> ToolAction:
    arguments = _arguments(call)
    if arguments is None:
        raise InvalidInput(f"the arguments of {call.name} are no JSON object")
    return ToolAction(action=call.name, arguments=arguments)


def _arguments(call: ToolCall) -> dict[str, object] | None:
    try:
        read = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def called(completion: Completion) -> Message:
    """The reply with its calls, as a message of the conversation."""
    return Message(
        role="assistant", content=shortened(completion.text), tool_calls=_named(completion)
    )


def answered(completion: Completion, seen: Sequence[Observation]) -> list[Message]:
    """The results, one message for each call."""
    return [
        Message(role="tool", content=observed(one), tool_call_id=call.id)
        for call, one in zip(_named(completion), seen, strict=True)
    ]


def objected(completion: Completion, objection: str) -> list[Message]:
    """Error messages for a malformed reply. Every call needs an answer, also the well-formed ones."""
    malformed = [_arguments(call) is None for call in completion.tool_calls]
    to_blame = malformed if any(malformed) else [True] * len(malformed)
    seen = [Observation(text="", error=objection if mine else NOT_CALLED) for mine in to_blame]
    return answered(completion, seen)


def _named(completion: Completion) -> tuple[ToolCall, ...]:
    """The calls with unique ids and valid JSON, whatever the server sent."""
    ids = [call.id for call in completion.tool_calls]
    sound = all(ids) and len(set(ids)) == len(ids)
    return tuple(
        call.model_copy(
            update={
                "id": call.id if sound else f"call_{number}",
                "arguments": call.arguments if _arguments(call) is not None else "{}",
            }
        )
        for number, call in enumerate(completion.tool_calls)
    )
