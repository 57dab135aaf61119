"""Prompt templates in Markdown files, with checked variables.

---
name: rag
version: 3
---
[system]
Answer from the passages.
[user]
{{passages}}

Question: {{question}}
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, cast

from genai.base.prompt import BasePrompt, estimate_message_tokens
from genai.errors import Misconfigured
from genai.messages import Message

FOLDER: Final = Path(__file__).parent
HEAD: Final = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
ROLE: Final = re.compile(r"^\[(system|user|assistant)\]\n", re.MULTILINE)
VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")

Role = Literal["system", "user", "assistant"]


class TextPrompt(BasePrompt):
    """A template. Values are inserted verbatim and not expanded again."""

    def __init__(self, text: str) -> None:
        head, body = _split(text)
        try:
            self.name, self.version = head["name"], head["version"]
        except KeyError as missing:
            raise Misconfigured(f"a prompt's head lacks {missing}") from missing
        self._parts = _parts(body)
        self.variables = frozenset(
            name for _, part in self._parts for name in VARIABLE.findall(part)
        )

    @property
    def system(self) -> str:
        """The system message, with its variables unexpanded."""
        return "\n".join(part for role, part in self._parts if role == "system")

    def render(self, **variables: object) -> tuple[Message, ...]:
        if unknown := variables.keys() - self.variables:
            raise TypeError(f"the prompt {self.name} has no variable {', '.join(sorted(unknown))}")
        if missing := self.variables - variables.keys():
            raise KeyError(", ".join(sorted(missing)))
        return tuple(
            Message(role=role, content=VARIABLE.sub(lambda name: str(variables[name[1]]), part))
            for role, part in self._parts
        )


class FewShotPrompt(BasePrompt):
    """Inserts examples (pairs of question and answer) before the question, as earlier turns.

    Only the first ones are used, as many as fit into ``max_tokens`` by estimate.
    """

    def __init__(
        self, prompt: BasePrompt, examples: Sequence[tuple[str, str]], *, max_tokens: int = 500
    ) -> None:
        self.name = prompt.name
        self.version = prompt.version
        self._prompt = prompt
        self._examples = _fitting(examples, max_tokens)

    def render(self, **variables: object) -> tuple[Message, ...]:
        *before, last = self._prompt.render(**variables)
        return (*before, *self._examples, last)


@lru_cache
def load_prompt(name: str) -> TextPrompt:
    """The prompt in ``<name>.md`` of this folder. Raises `Misconfigured` if there is none."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise Misconfigured(f"there is no prompt named {name}")
    return TextPrompt(path.read_text(encoding="utf-8"))


def _split(text: str) -> tuple[dict[str, str], str]:
    found = HEAD.match(text)
    if found is None:
        raise Misconfigured("a prompt begins with a head between two lines of ---")
    pairs = (line.partition(":") for line in found[1].splitlines() if line.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}, found[2]


def _parts(body: str) -> tuple[tuple[Role, str], ...]:
    _, *pieces = ROLE.split(body)
    if not pieces:
        raise Misconfigured("a prompt has at least one part, such as [user]")
    return tuple(
        (cast(Role, role), text.strip())
        for role, text in zip(pieces[::2], pieces[1::2], strict=True)
    )


def _fitting(examples: Sequence[tuple[str, str]], max_tokens: int) -> tuple[Message, ...]:
    kept: tuple[Message, ...] = ()
    for question, answer in examples:
        extended = (
            *kept,
            Message(role="user", content=question),
            Message(role="assistant", content=answer),
        )
        if estimate_message_tokens(extended) > max_tokens:
            break
        kept = extended
    return kept
