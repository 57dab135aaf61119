"""Few-shot prompts: examples of questions and replies before the question.

- variables: {question: "How long may I keep a book?", passages: "..."}
  reply: Four weeks. [1]
"""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from genai.base.prompt import BasePrompt, estimate_message_tokens
from genai.errors import Misconfigured
from genai.messages import Message, Value
from genai.prompts.template import TextPrompt


class PromptExample(Value):
    """``variables`` are those of the prompt's last message, ``reply`` is what a model should say to it."""

    variables: dict[str, str]
    reply: str


class FewShotPrompt(BasePrompt):
    """Shows the examples as earlier turns before the last message of ``prompt``.

    Only the first ones are used, as many as fit into ``max_tokens`` by estimate. Raises `Misconfigured`
    for an example with other variables than that message has.
    """

    def __init__(
        self, prompt: TextPrompt, examples: Sequence[PromptExample], *, max_tokens: int
    ) -> None:
        self.name = prompt.name
        self.version = prompt.version
        self._prompt = prompt
        self._turns = _fitting([_turns(prompt, example) for example in examples], max_tokens)

    def render(self, **variables: object) -> tuple[Message, ...]:
        *before, last = self._prompt.render(**variables)
        return (*before, *self._turns, last)


def read_prompt_examples(path: Path) -> tuple[PromptExample, ...]:
    """Raises `Misconfigured` if the file is missing or invalid."""
    try:
        return _EXAMPLES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"the few-shot examples of {path.name} cannot be read") from error


_EXAMPLES = TypeAdapter(tuple[PromptExample, ...])


def _turns(prompt: TextPrompt, example: PromptExample) -> tuple[Message, Message]:
    try:
        asked = prompt.render_last(**example.variables)
    except (KeyError, TypeError) as error:
        raise Misconfigured(f"an example of the prompt {prompt.name}: {error.args[0]}") from error
    return asked, Message(role="assistant", content=example.reply)


def _fitting(turns: Sequence[tuple[Message, Message]], max_tokens: int) -> tuple[Message, ...]:
    kept: tuple[Message, ...] = ()
    for pair in turns:
        if estimate_message_tokens((*kept, *pair)) > max_tokens:
            break
        kept += pair
    return kept
