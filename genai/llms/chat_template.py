"""Renders a conversation with the chat template of a local model."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from genai.errors import InvalidInput
from genai.llms.tool_prompting import instructions
from genai.messages import ChatRequest, Message, Sampling

PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


class ChatTokenizer(Protocol):
    """The part of transformers' tokenizers that is used."""

    chat_template: Any

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any: ...

    def __call__(self, text: str, *, add_special_tokens: bool) -> Any: ...

    def get_added_vocab(self) -> dict[str, int]: ...


class ChatTemplate:
    """The template of the tokenizer, or a plain one if it has none.

    Special tokens are removed from the messages, so that a user cannot end their turn and write as
    the system.
    """

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer
        self._template = None if tokenizer.chat_template else PLAIN_TEMPLATE
        self._knows_tools = "tools" in str(tokenizer.chat_template)
        added = tokenizer.get_added_vocab()
        self._special_tokens = sorted(filter(_is_special, added), key=len, reverse=True)

    def tokens(self, request: ChatRequest) -> list[int]:
        """The prompt. If the conversation ends with an assistant message, the model continues it.

        That message is appended verbatim: templates trim messages, and the model would then repeat
        what was trimmed.
        """
        *before, last = self._with_instructions(request)
        continued = last.role == "assistant" and bool(last.content)
        if not (continued and before):
            whole: list[int] = self._rendered(
                request, [*before, last], continue_final_message=continued
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
            [self._as_dict(message) for message in messages],
            tools=_tools(request) if self._knows_tools and request.tools else None,
            chat_template=self._template,
            add_generation_prompt=not continue_final_message,
            continue_final_message=continue_final_message,
            tokenize=tokenize,
            return_dict=False,
        )

    def text(self, messages: Sequence[Message], *, opened: bool) -> str:
        """The rendered conversation; ``opened`` adds the prompt for an answer."""
        written: str = self._tokenizer.apply_chat_template(
            [self._as_dict(message) for message in messages],
            chat_template=self._template,
            add_generation_prompt=opened,
            tokenize=False,
        )
        return written

    def _with_instructions(self, request: ChatRequest) -> Sequence[Message]:
        if self._knows_tools or not request.tools or request.tool_choice == "none":
            return request.messages
        text = instructions(request.tools)
        first, *rest = request.messages or (Message(role="system"),)
        if first.role == "system":
            content = f"{first.content}\n\n{text}".strip()
            return (first.model_copy(update={"content": content}), *rest)
        return (Message(role="system", content=text), first, *rest)

    def _as_dict(self, message: Message) -> dict[str, object]:
        written: dict[str, object] = {"role": message.role, "content": self._plain(message.content)}
        if message.tool_calls:
            written["tool_calls"] = [
                {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ]
        return written

    def _plain(self, text: str) -> str:
        for token in self._special_tokens:
            if token in text:
                text = text.replace(token, "")
        return text


def _is_special(token: str) -> bool:
    """Other added tokens are frequent words of the model's answers."""
    return token.startswith(("<", "["))


def max_new_tokens(prompt: Sequence[int], sampling: Sampling, max_model_len: int) -> int:
    """The limit of the answer's tokens: ``max_tokens``, or what the context window leaves.

    Raises `InvalidInput` when the prompt fills the window.
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
