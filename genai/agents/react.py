"""A ReAct agent: reasons, calls tools and observes their results until it can answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from genai.agents.actions import (
    FinalAnswer,
    ToolAction,
    ToolActions,
)
from genai.agents.dialogue import Dialogue, Heard, Voice
from genai.agents.effects import Effects
from genai.agents.transcript import UNREADABLE, Done, Transcript
from genai.base.agent import BaseAgent
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.base.tool import BaseTool, Observation, ToolSource
from genai.errors import BudgetExceeded, DeadlineExceeded, GenAIError, InvalidInput
from genai.events import (
    ApprovalEvent,
    DraftEvent,
    DraftStreamEvent,
    SpentEvent,
    StepEvent,
    TokenEvent,
)
from genai.llms.spent import note_spent
from genai.messages import ApprovalRequest, Question, RequestContext, Step
from genai.runs.approval_requester import ApprovalRequester
from genai.runs.journal import Journal
from genai.safety.placeholders import hidden, restored_json

TOO_MANY_STEPS: Final = (
    "I could not work this out within {steps} steps, so I have no answer to give."
)
TOO_MANY_TOKENS: Final = "This needs more reading than I may do, so I have no answer to give."
IN_CIRCLES: Final = "I keep coming back to the same query without an answer, so I stop here."
WAITING: Final = (
    "Before I may use {tool}, somebody has to approve it. I go on as soon as that is done."
)
ONE_OF: Final = " This is change {number} of {all}; each is asked for by itself."


class ReActAgent(BaseAgent):
    """The model replies with JSON actions or native tool calls; it may correct one malformed reply.

    At a limit (steps, time, tokens, money) the agent says so instead of answering. Without a
    ``requester``, tools with side effects are not offered, because nobody can be asked.
    """

    def __init__(
        self,
        llm: BaseLLM,
        tools: Sequence[BaseTool],
        prompt: BasePrompt,
        *,
        max_steps: int = 6,
        timeout: float = 30.0,
        max_tokens: int = 50_000,
        max_micro_usd: int | None = None,
        requester: ApprovalRequester | None = None,
        sources: Sequence[ToolSource] = (),
        native_prompt: BasePrompt | None = None,
    ) -> None:
        self.max_steps = max_steps
        self.timeout = timeout
        self.max_tokens = max_tokens
        self.max_micro_usd = max_micro_usd
        self.llm = llm
        self.voice = Voice(llm, prompt, native_prompt)
        self.requester = requester
        self._own = tuple(tools)
        self._sources = tuple(sources)
        self._tools = self._own

    async def async_prepare(self) -> None:
        """Connect the tools. Raises `BackendFailed`. Safe to call twice."""
        for tool in self._own:
            await tool.async_prepare()
        if self._sources:
            more = [tool for source in self._sources for tool in await source.async_tools()]
            self._tools = (*self._own, *more)

    def tools_for(self, context: RequestContext) -> dict[str, BaseTool]:
        """The tools that the caller may use, by name."""
        return {
            tool.name: tool
            for tool in self._tools
            if tool.serves(context) and (self.requester is not None or not tool.side_effects)
        }

    async def async_loop(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        await self.async_prepare()
        loop = _Loop(self, question)
        await loop.async_open()
        ended = _Turn()
        while not ended.text:
            ended = await loop.async_advance()
            yield SpentEvent(usage=loop.transcript.usage)
            for step in ended.steps:
                yield StepEvent(step=step)
        if ended.approval is not None:
            yield ApprovalEvent(approval=ended.approval)
        yield TokenEvent(text=ended.text)
        draft = loop.transcript.draft(ended.text, self.llm.name)
        if ended.approval is not None:
            waits = {"approval": ended.approval, "finish_reason": "approval"}
            draft = draft.model_copy(update=waits)
        yield DraftEvent(draft=draft)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The outcome of one model reply. With a ``text`` the loop ends, or waits for an approval."""

    steps: Sequence[Step] = ()
    text: str = ""
    approval: ApprovalRequest | None = None


class _Loop:
    """One run of the loop. Steps in the journal are not repeated."""

    def __init__(self, agent: ReActAgent, question: Question) -> None:
        self._agent = agent
        self._question = question
        self._context = _limited(question.context, agent)
        self._tools = agent.tools_for(question.context)
        requester = agent.requester
        self._journal = requester.journal(question) if requester else Journal(None, question)
        self._effects = (
            Effects(requester, question, self._context, self._journal) if requester else None
        )
        self._dialogue = Dialogue(agent.voice, question, self._context, self._tools, self._journal)

    async def async_open(self) -> None:
        await self._journal.async_open()
        await self._dialogue.async_open()

    @property
    def transcript(self) -> Transcript:
        return self._dialogue.transcript

    async def async_advance(self) -> _Turn:
        """One model reply and what follows from it: tool calls, the answer, or a limit."""
        try:
            return await self._advance()
        except (DeadlineExceeded, BudgetExceeded, TimeoutError) as error:
            return _Turn(text=self.transcript.cut_short(error))
        except GenAIError as error:
            note_spent(error, self.transcript.usage)
            raise

    async def _advance(self) -> _Turn:
        if self.transcript.tokens_with_next() > self._agent.max_tokens:
            return _Turn(text=TOO_MANY_TOKENS)
        heard, most = await self._dialogue.async_decide(), self._agent.max_steps
        transcript = self.transcript  # the dialogue may have begun anew
        if heard is None:
            return _Turn(text=UNREADABLE)
        match heard.action:
            case FinalAnswer(answer=answer):
                return _Turn(text=transcript.vouched(answer))
            case ToolAction() as action:
                calls: tuple[ToolAction, ...] = (action,)
            case ToolActions(actions=actions):
                calls = actions
        if transcript.repeats(calls):
            return _Turn(text=IN_CIRCLES)
        if len(transcript.steps) + len(calls) > most:
            return _Turn(text=TOO_MANY_STEPS.format(steps=most))
        if transcript.total.total_tokens > self._agent.max_tokens:
            return _Turn(text=TOO_MANY_TOKENS)
        return await self._act(heard, calls)

    async def _act(self, heard: Heard, calls: Sequence[ToolAction]) -> _Turn:
        """Run the calls without side effects concurrently, then the others one after the other."""
        first = len(self.transcript.steps)
        numbered = list(enumerate(calls, start=first))
        safe = [(n, call) for n, call in numbered if not self._has_effects(call)]
        done = dict(zip((n for n, _ in safe), await self._look_up(safe), strict=True))
        for number, call in numbered:
            if number in done:
                continue
            outcome = await self._change(number, call)
            if isinstance(outcome, ApprovalRequest):
                changes = [n for n, each in numbered if self._has_effects(each)]
                return _Turn(text=_waiting(outcome, number, changes), approval=outcome)
            done[number] = outcome
        results = [done[number] for number, _ in numbered]
        said = (heard.completion, heard.action)
        return _Turn(steps=self.transcript.add(*said, calls, results))

    async def _look_up(self, calls: Sequence[tuple[int, ToolAction]]) -> list[Done]:
        if len(calls) < 2:
            return [await self._step(number, call) for number, call in calls]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._step(number, call)) for number, call in calls]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _step(self, number: int, call: ToolAction) -> Done:
        known = self._journal.read(f"step/{number}", Done)
        if known is not None:
            return known
        started = time.perf_counter()
        observation = await self._use(call)
        seconds = round(time.perf_counter() - started, 4)
        done = Done(observation=observation, arguments=call.arguments_json, seconds=seconds)
        return await self._journal.async_write(f"step/{number}", done)

    async def _change(self, number: int, call: ToolAction) -> Done | ApprovalRequest:
        known = self._journal.read(f"step/{number}", Done)
        if known is not None:
            return known
        assert self._effects is not None
        tool = self._tools[call.action]
        arguments = self._arguments(tool, call)
        objection = await self._objection(number, tool, arguments)
        if objection.error is None:
            outcome = await self._effects.async_do(tool, arguments, number)
        else:
            outcome = Done(observation=objection, arguments=call.arguments_json, seconds=0.0)
        if isinstance(outcome, ApprovalRequest):
            return outcome
        return await self._journal.async_write(f"step/{number}", outcome)

    async def _objection(self, number: int, tool: BaseTool, arguments: str) -> Observation:
        """The tool's objection to its arguments. Asked once and journalled: after the effect, the
        answer would differ.
        """
        known = self._journal.read(f"objection/{number}", Observation)
        if known is not None:
            return known
        try:
            said = await tool.async_objection(tool.parse(arguments), self._context)
        except InvalidInput as error:
            said = error.message
        private = self._question.private
        found = Observation(text="", error=hidden(said, private) or None)
        return await self._journal.async_write(f"objection/{number}", found)

    def _has_effects(self, call: ToolAction) -> bool:
        return call.action in self._tools and self._tools[call.action].side_effects

    async def _use(self, call: ToolAction) -> Observation:
        """Call the tool. Mistakes of the model become observations.

        A tool may get the caller's personal data; the model sees placeholders in its result.
        """
        tool = self._tools.get(call.action)
        if tool is None:
            known = ", ".join(self._tools)
            return Observation(text="", error=f"there is no such tool; the tools are: {known}")
        try:
            arguments = tool.parse(self._arguments(tool, call))
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        async with asyncio.timeout(self._context.remaining_s()):
            observation = await tool.async_run(arguments, self._context)
        private = self._question.private
        return Observation(
            text=hidden(observation.text, private),
            error=observation.error and hidden(observation.error, private),
            safety=observation.safety,
        )

    def _arguments(self, tool: BaseTool, call: ToolAction) -> str:
        told = self._question.private if tool.needs_private else {}
        return restored_json(call.arguments_json, told)


def _waiting(approval: ApprovalRequest, number: int, changes: Sequence[int]) -> str:
    text = WAITING.format(tool=approval.tool)
    if len(changes) < 2:
        return text
    return text + ONE_OF.format(number=changes.index(number) + 1, all=len(changes))


def _limited(context: RequestContext, agent: ReActAgent) -> RequestContext:
    """The context with the loop's limits of time and money."""
    limits: dict[str, float] = {"deadline": min(context.deadline, time.time() + agent.timeout)}
    if agent.max_micro_usd is not None:
        allowance = context.allowance_micro_usd
        own = agent.max_micro_usd
        limits["allowance_micro_usd"] = own if allowance is None else min(own, allowance)
    return context.model_copy(update=limits)
