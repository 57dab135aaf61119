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
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, cast

from genai.base.prompt import BasePrompt
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
        self.variables = _variables(self._parts)

    @property
    def system(self) -> str:
        """The system message, with its variables unexpanded."""
        return "\n".join(part for role, part in self._parts if role == "system")

    def render(self, **variables: object) -> tuple[Message, ...]:
        return self._rendered(self._parts, variables)

    def render_last(self, **variables: object) -> Message:
        """The last message alone, from its own variables. Raises like `render`."""
        [message] = self._rendered(self._parts[-1:], variables)
        return message

    def _rendered(
        self, parts: Sequence[tuple[Role, str]], variables: Mapping[str, object]
    ) -> tuple[Message, ...]:
        expected = _variables(parts)
        if unknown := variables.keys() - expected:
            raise TypeError(f"the prompt {self.name} has no variable {', '.join(sorted(unknown))}")
        if missing := expected - variables.keys():
            raise KeyError(", ".join(sorted(missing)))
        return tuple(
            Message(role=role, content=VARIABLE.sub(lambda name: str(variables[name[1]]), part))
            for role, part in parts
        )


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


def _variables(parts: Sequence[tuple[Role, str]]) -> frozenset[str]:
    return frozenset(name for _, part in parts for name in VARIABLE.findall(part))


def _parts(body: str) -> tuple[tuple[Role, str], ...]:
    _, *pieces = ROLE.split(body)
    if not pieces:
        raise Misconfigured("a prompt has at least one part, such as [user]")
    return tuple(
        (cast(Role, role), text.strip())
        for role, text in zip(pieces[::2], pieces[1::2], strict=True)
    )
