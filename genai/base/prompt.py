"""The interface of prompt templates, and token estimates."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from genai.messages import Message

CHARACTERS_PER_TOKEN = 3.5
"""Below the average of 4 for English, so that estimates are on the safe side."""

TOKENS_PER_MESSAGE = 4
"""What chat templates add around a message for its role and its end."""


class BasePrompt(ABC):
    """A named and versioned template that turns its variables into messages."""

    name: str
    version: str

    @abstractmethod
    def render(self, **variables: object) -> tuple[Message, ...]:
        """The messages. Raises `KeyError` for a missing variable, `TypeError` for an unknown one."""

    def estimate_tokens(self, **variables: object) -> int:
        """Tokens that the rendered prompt will take, before any model is called."""
        return estimate_message_tokens(self.render(**variables))


def estimate_tokens(text: str) -> int:
    """Tokens of a text, without a tokenizer; at least its true number for ordinary English."""
    return 0 if not text else int(len(text.encode()) / CHARACTERS_PER_TOKEN) + 1


def estimate_message_tokens(messages: Sequence[Message]) -> int:
    """Tokens of a conversation as a chat model counts them."""
    return sum(estimate_tokens(message.content) + TOKENS_PER_MESSAGE for message in messages)
