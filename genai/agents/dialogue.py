"""The talk of one loop with its model: what it is told, what it says, and in which protocol.

    native   the model is handed the tools and answers with calls, as it was trained to
    text     the model is told about the tools and answers with JSON, held to its schema where that works

A model that refuses tools, or a schema, is not offered them again by this process.
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
"""One malformed reply may be mended."""

TEXT, NATIVE = "opening", "opening/native"


@dataclass(slots=True)
class Voice:
    """A model, and what is known of how to talk to it. Without a ``native_prompt``, in text only."""

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
    """What the model said, and what that means."""

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
        """Begin, or go on in the protocol in which an earlier attempt began."""
        known = self._journal.read
        self._native = known(TEXT, Opening) is None and (
            known(NATIVE, Opening) is not None or (bool(self._specs) and self._voice.native)
        )
        await self._begin()

    async def async_decide(self) -> Heard | None:
        """What to do next; None when a second attempt to say it is malformed, too."""
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
        """System prompt, earlier turns, what other parts of a plan found, question."""
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
        """The model's next reply, or what it replied to an earlier attempt."""
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
        """Held to the schema of actions, unless this engine has once said that it cannot."""
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
    """What the tool is for, and the JSON schema of its arguments without what says nothing."""
    schema = json.loads(tool.spec.parameters)
    fields = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema.get("properties", {}).items()
    }
    return f"{tool.name}: {tool.description}\narguments: {json.dumps(fields)}"
