"""Turns a conversation into the tokens that a local model expects."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from genai.errors import InvalidInput
from genai.llms.tool_prompting import instructions
from genai.messages import ChatRequest, Message, Sampling

FALLBACK = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


class ChatTokenizer(Protocol):
    """The part of transformers' tokenizers that is needed."""

    chat_template: Any

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any: ...

    def __call__(self, text: str, *, add_special_tokens: bool) -> Any: ...

    def get_added_vocab(self) -> dict[str, int]: ...


class ChatTemplate:
    """The template in the model's folder, or a plain one where there is none.

    Markers of the template inside a message are removed: a user cannot end their own turn and
    speak as the system.
    """

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer
        self._template = None if tokenizer.chat_template else FALLBACK
        self._knows_tools = "tools" in str(tokenizer.chat_template)
        added = tokenizer.get_added_vocab()
        self._markers = sorted(filter(_is_marker, added), key=len, reverse=True)

    def tokens(self, request: ChatRequest) -> list[int]:
        """The prompt. A conversation that ends with an assistant message is to be continued.

        Such a message stands as it is where the answer begins: templates trim what they are given, and
        the model would say again what it lacks.
        """
        *before, last = self._with_instructions(request)
        begun = last.role == "assistant" and bool(last.content)
        if not (begun and before):
            whole: list[int] = self._rendered(
                request, [*before, last], continue_final_message=begun
            )
            return whole
        text = self._rendered(request, before, tokenize=False) + self._plain(last.content)
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    def _rendered(
        self,
        request: ChatRequest,
        messages: Sequence[Message],
        *,
        tokenize: bool = True,
        continue_final_message: bool = False,
    ) -> Any:
        return self._tokenizer.apply_chat_template(
            [self._shaped(message) for message in messages],
            tools=_tools(request) if self._knows_tools and request.tools else None,
            chat_template=self._template,
            add_generation_prompt=not continue_final_message,
            continue_final_message=continue_final_message,
            tokenize=tokenize,
            return_dict=False,
        )

    def text(self, messages: Sequence[Message], *, opened: bool) -> str:
        """The conversation in the model's words; ``opened`` for an answer that is to come."""
        written: str = self._tokenizer.apply_chat_template(
            [self._shaped(message) for message in messages],
            chat_template=self._template,
            add_generation_prompt=opened,
            tokenize=False,
        )
        return written

    def _with_instructions(self, request: ChatRequest) -> Sequence[Message]:
        if self._knows_tools or not request.tools or request.tool_choice == "none":
            return request.messages
        told = instructions(request.tools)
        first, *rest = request.messages or (Message(role="system"),)
        if first.role == "system":
            text = f"{first.content}\n\n{told}".strip()
            return (first.model_copy(update={"content": text}), *rest)
        return (Message(role="system", content=told), first, *rest)

    def _shaped(self, message: Message) -> dict[str, object]:
        shaped: dict[str, object] = {"role": message.role, "content": self._plain(message.content)}
        if message.tool_calls:
            shaped["tool_calls"] = [
                {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ]
        return shaped

    def _plain(self, text: str) -> str:
        for marker in self._markers:
            if marker in text:
                text = text.replace(marker, "")
        return text


def _is_marker(token: str) -> bool:
    """Other tokens that were added to a vocabulary are frequent words of what the model says."""
    return token.startswith(("<", "["))


def room_for(prompt: Sequence[int], sampling: Sampling, max_model_len: int) -> int:
    """Tokens that the answer may have: what was asked for, or what the model's window leaves.

    Raises `InvalidInput` when the prompt leaves no room at all.
    """
    left = max_model_len - len(prompt)
    if left < 1:
        raise InvalidInput(
            f"the conversation has {len(prompt)} tokens, the model reads {max_model_len}",
            "messages",
        )
    return min(sampling.max_tokens, left)


def _tools(request: ChatRequest) -> list[dict[str, object]]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": json.loads(tool.parameters),
            },
        }
        for tool in request.tools
    ]
