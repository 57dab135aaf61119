"""A scripted model for tests, demonstrations and load tests."""

import asyncio
import itertools
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Sequence

from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_message_tokens
from genai.errors import DeadlineExceeded
from genai.llms.json_schema.example import example_of
from genai.llms.tool_prompting import forced_tool
from genai.messages import (
    ChatRequest,
    Chunk,
    Completion,
    FinishReason,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from genai.settings.models import ScriptedSettings

WORD = re.compile(r"\s*\S+")

TOKENS_AT_A_STRETCH = 256
"""Tokens between two yields to the event loop, so that a long answer can be cancelled."""


class ScriptedLLM(BaseLLM):
    """Returns its ``replies`` in turn, or echoes the last message up to ``tokens`` tokens.

    A token is a word. With a JSON schema or a forced tool, the answer is the smallest valid value.
    `running` counts unfinished calls; ``requests`` holds the latest requests.
    """

    continues = True

    def __init__(self, name: str, settings: ScriptedSettings) -> None:
        self.name = name
        self._running = 0
        self.requests: deque[ChatRequest] = deque(maxlen=100)
        self._settings = settings
        self._replies = itertools.cycle(settings.replies)

    def running(self) -> int:
        return self._running

    async def async_chat(self, request: ChatRequest) -> Completion:
        self._begin(request)
        try:
            tool = forced_tool(request)
            tokens, reason = self._script(request, tool)
            await self._wait(request, self._settings.delay_s)
            await self._wait(request, self._settings.seconds_per_token * len(tokens))
        finally:
            self._running -= 1
        text = "".join(tokens)
        return Completion(
            text="" if tool else text,
            model=self.name,
            finish_reason=reason,
            tool_calls=(ToolCall(id="call_0", name=tool.name, arguments=text),) if tool else (),
            usage=self._usage(request, tokens),
        )

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self._begin(request)
        try:
            tool = forced_tool(request)
            tokens, reason = self._script(request, tool)
            await self._wait(request, self._settings.delay_s)
            for count, token in enumerate(tokens, start=1):
                if self._settings.seconds_per_token:
                    await self._wait(request, self._settings.seconds_per_token)
                elif count % TOKENS_AT_A_STRETCH == 0:
                    await self._wait(request, 0.0)
                yield self._chunk(token, tool, first=count == 1)
            yield Chunk(model=self.name, finish_reason=reason, usage=self._usage(request, tokens))
        finally:
            self._running -= 1

    def _begin(self, request: ChatRequest) -> None:
        if not request.context.remaining_s():
            raise DeadlineExceeded("the request ran out of time")
        self.requests.append(request)
        self._running += 1

    async def _wait(self, request: ChatRequest, seconds: float) -> None:
        remaining_s = request.context.remaining_s()
        await asyncio.sleep(min(seconds, remaining_s))
        if seconds >= remaining_s:
            raise DeadlineExceeded("the request ran out of time")

    def _script(
        self, request: ChatRequest, tool: ToolSpec | None
    ) -> tuple[Sequence[str], FinishReason]:
        """The tokens of the answer, and its finish reason."""
        schema = tool.parameters if tool else request.sampling.json_schema
        if schema is not None:
            example = json.dumps(example_of(json.loads(schema)))
            return WORD.findall(example), "tool_calls" if tool else "stop"
        tokens = (
            WORD.findall(next(self._replies)) if self._settings.replies else self._echo(request)
        )
        allowed = request.sampling.max_tokens
        return tokens[:allowed], "length" if len(tokens) > allowed else "stop"

    def _echo(self, request: ChatRequest) -> list[str]:
        words = request.messages[-1].content.split() if request.messages else []
        endless = itertools.cycle(f" {word}" for word in words or ["nothing"])
        tokens = list(itertools.islice(endless, self._settings.tokens))
        return [tokens[0].lstrip(), *tokens[1:]]

    def _chunk(self, token: str, tool: ToolSpec | None, *, first: bool) -> Chunk:
        if tool is None:
            return Chunk(text=token, model=self.name)
        delta = (
            ToolCallDelta(index=0, id="call_0", name=tool.name, arguments=token)
            if first
            else ToolCallDelta(index=0, arguments=token)
        )
        return Chunk(model=self.name, tool_calls=(delta,))

    def _usage(self, request: ChatRequest, tokens: Sequence[str]) -> Usage:
        prompt = estimate_message_tokens(request.messages)
        return Usage(prompt_tokens=prompt, completion_tokens=len(tokens))
