"""The conversation of an agent's loop with its model, in one of two protocols.

    native   the model gets the tools and answers with tool calls, as it was trained to
    text     the tools are described in the prompt; the model answers with JSON, constrained if possible

A model that rejects tools, or a schema, is not offered them again by this process.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from genai.agents.actions import Action, action_schema, material_messages, parse_action
from genai.agents.native import read_native
from genai.agents.transcript import Opening, Transcript
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.base.tool import BaseTool
from genai.errors import InvalidInput
from genai.messages import (
    ChatRequest,
    Completion,
    Message,
    Question,
    RequestContext,
    Sampling,
)
from genai.runs.journal import Journal

ACTION_TOKENS: Final = 512
TRIES: Final = 2
"""The model may correct one malformed reply."""

TEXT, NATIVE = "opening", "opening/native"


@dataclass(slots=True)
class Voice:
    """A model, and what was learnt about it. Without a ``native_prompt``, only text is used."""

    llm: BaseLLM
    prompt: BasePrompt
    native_prompt: BasePrompt | None = None
    holds_to_schema: bool = True
    refuses_tools: bool = False

    @property
    def native(self) -> bool:
        return self.llm.native_tools and self.native_prompt is not None and not self.refuses_tools


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply of the model, parsed."""

    completion: Completion
    action: Action


class Dialogue:
    """``context`` has the deadline and the money of the loop. What the journal knows is not asked again.

    Raises what the model raises, and `TimeoutError` at the deadline.
    """

    transcript: Transcript

    def __init__(
        self,
        voice: Voice,
        question: Question,
        context: RequestContext,
        tools: Mapping[str, BaseTool],
        journal: Journal,
    ) -> None:
        self._voice = voice
        self._question = question
        self._context = context
        self._tools = tools
        self._journal = journal
        self._specs = tuple(tool.spec for tool in tools.values())
        self._schema = action_schema(self._specs)
        self._native = False

    async def async_open(self) -> None:
        """Begin, in the protocol of earlier attempts if there are any."""
        known = self._journal.read
        self._native = known(TEXT, Opening) is None and (
            known(NATIVE, Opening) is not None or (bool(self._specs) and self._voice.native)
        )
        await self._begin()

    async def async_decide(self) -> Heard | None:
        """The next action; None after two malformed replies."""
        for _ in range(TRIES):
            said = await self._hear()
            try:
                return Heard(said, read_native(said) if self._native else parse_action(said.text))
            except InvalidInput as error:
                self.transcript.object_to(said, error.message)
        return None

    async def _begin(self) -> None:
        opening = Opening(messages=tuple(self._opening()))
        field = NATIVE if self._native else TEXT
        opening = await self._journal.async_write(field, opening)
        known = (self._question.text, *(one.text for one in self._question.material))
        self.transcript = Transcript(opening.messages, "\n".join(known))

    def _opening(self) -> list[Message]:
        """System prompt, earlier turns, results of other nodes of a plan, question."""
        question = self._question
        if self._native and self._voice.native_prompt is not None:
            rendered = self._voice.native_prompt.render(question=question.text)
        else:
            tools = "\n\n".join(map(_described, self._tools.values()))
            rendered = self._voice.prompt.render(tools=tools, question=question.text)
        *before, last = rendered
        turns = (Message(role=turn.role, content=turn.content) for turn in question.history)
        return [*before, *turns, *material_messages(question.material), last]

    async def _hear(self) -> Completion:
        """The model's next reply, from the journal if an earlier attempt got it already."""
        field = f"heard/{self.transcript.replies}"
        known = self._journal.read(field, Completion)
        if known is not None:
            self.transcript.heard(known, now=False)
            return known
        completion = await self._ask()
        self.transcript.heard(completion, now=True)
        return await self._journal.async_write(field, completion)

    async def _ask(self) -> Completion:
        if not self._native:
            return await self._ask_in_text()
        try:
            return await self._chat()
        except InvalidInput:
            if self.transcript.replies:
                raise
        self._native = False
        await self._begin()
        said = await self._ask_in_text()
        self._voice.refuses_tools = True  # it was the tools, for without them it spoke
        return said

    async def _ask_in_text(self) -> Completion:
        """Constrained by the schema of actions, unless the engine rejected that once."""
        if self._voice.holds_to_schema:
            try:
                return await self._chat(self._schema)
            except InvalidInput:
                self._voice.holds_to_schema = False
        return await self._chat()

    async def _chat(self, schema: str | None = None) -> Completion:
        request = ChatRequest(
            messages=tuple(self.transcript.messages),
            context=self._context.less(self.transcript.usage.cost_micro_usd),
            sampling=Sampling(max_tokens=ACTION_TOKENS, json_schema=schema),
            tools=self._specs if self._native else (),
        )
        async with asyncio.timeout(self._context.remaining_s()):
            return await self._voice.llm.async_chat(request)


def _described(tool: BaseTool) -> str:
    """The tool's description and the JSON schema of its arguments, without titles."""
    schema = json.loads(tool.spec.parameters)
    fields = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema.get("properties", {}).items()
    }
    return f"{tool.name}: {tool.description}\narguments: {json.dumps(fields)}"
