"""An agent that thinks, acts and observes, until it can answer or must admit that it cannot."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from genai.agents.actions import (
    Action,
    FinalAnswer,
    ToolAction,
    action_schema,
    observation_message,
    parse_action,
    shortened,
)
from genai.agents.numbers import unsupported
from genai.base.agent import BaseAgent
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.base.tool import BaseTool, Observation
from genai.errors import BudgetExceeded, DeadlineExceeded, GenAIError, InvalidInput
from genai.llms.spent import note_spent, spent_by
from genai.messages import (
    ChatRequest,
    Completion,
    Draft,
    DraftEvent,
    DraftStreamEvent,
    Message,
    Question,
    RequestContext,
    Sampling,
    SpentEvent,
    Step,
    StepEvent,
    TokenEvent,
    Usage,
)
from genai.safety.placeholders import hidden, restored_json

ACTION_TOKENS: Final = 512

TOO_MANY_STEPS: Final = (
    "I could not work this out within {steps} steps, so I have no answer to give."
)
TOO_SLOW: Final = "I ran out of time before I could work this out, so I have no answer to give."
TOO_EXPENSIVE: Final = "The money for this question ran out, so I have no answer to give."
IN_CIRCLES: Final = "I keep coming back to the same query without an answer, so I stop here."
UNREADABLE: Final = "I could not decide on a next step, so I have no answer to give."
NOT_SURE: Final = "I could not read the figures that this needs, so I give no number."


class ReActAgent(BaseAgent):
    """Its model's replies are JSON actions; a malformed one may be mended once."""

    def __init__(
        self,
        llm: BaseLLM,
        tools: Sequence[BaseTool],
        prompt: BasePrompt,
        *,
        max_steps: int = 6,
        timeout: float = 30.0,
    ) -> None:
        self.max_steps = max_steps
        self.timeout = timeout
        self._llm = llm
        self._tools = {tool.name: tool for tool in tools}
        self._prompt = prompt
        self._schema: str | None = action_schema(tuple(self._tools))

    async def async_prepare(self) -> None:
        """Connect what the tools need. Raises `BackendFailed`. Safe to call twice."""
        for tool in self._tools.values():
            await tool.async_prepare()

    async def async_loop(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        deadline = min(question.context.deadline, time.time() + self.timeout)
        context = question.context.model_copy(update={"deadline": deadline})
        await self.async_prepare()
        transcript = Transcript(self._opening(question), question.text, question.private)
        text = ""
        while not text:
            try:
                step, text = await self._advance(transcript, context)
            except (DeadlineExceeded, BudgetExceeded, TimeoutError) as error:
                step, text = None, transcript.cut_short(error)
            except GenAIError as error:
                note_spent(error, transcript.usage)
                raise
            yield SpentEvent(usage=transcript.usage)
            if step is not None:
                yield StepEvent(step=step)
        yield TokenEvent(text=text)
        yield DraftEvent(draft=transcript.draft(text, self._llm.name))

    async def _advance(
        self, transcript: "Transcript", context: RequestContext
    ) -> tuple[Step | None, str]:
        """One reply of the model and what follows from it: a step, an answer, or an admission."""
        action = await self._decide(transcript, context)
        match action:
            case None:
                return None, UNREADABLE
            case FinalAnswer(answer=answer):
                return None, transcript.vouched(answer)
            case _ if transcript.repeats(action):
                return None, IN_CIRCLES
            case _ if len(transcript.steps) >= self.max_steps:
                return None, TOO_MANY_STEPS.format(steps=self.max_steps)
        started = time.perf_counter()
        observation = await self._use(action, transcript.private, context)
        return transcript.add(action, observation, time.perf_counter() - started), ""

    def _opening(self, question: Question) -> list[Message]:
        """System prompt, earlier turns, question."""
        tools = "\n\n".join(f"{tool.name}: {tool.description}" for tool in self._tools.values())
        *before, last = self._prompt.render(tools=tools, question=question.text)
        turns = (Message(role=turn.role, content=turn.content) for turn in question.history)
        return [*before, *turns, last]

    async def _decide(self, transcript: "Transcript", context: RequestContext) -> Action | None:
        """The model's next action; None when a second attempt is malformed too."""
        for _ in range(2):
            completion = await self._ask(transcript, context)
            transcript.heard(completion)
            try:
                return parse_action(completion.text)
            except InvalidInput as error:
                transcript.object_to(completion.text, error.message)
        return None

    async def _ask(self, transcript: "Transcript", context: RequestContext) -> Completion:
        """Held to the schema of actions, unless this engine has once said that it cannot."""
        if self._schema is not None:
            try:
                return await self._chat(transcript, context, self._schema)
            except InvalidInput:
                self._schema = None
        return await self._chat(transcript, context, None)

    async def _chat(
        self, transcript: "Transcript", context: RequestContext, schema: str | None
    ) -> Completion:
        request = ChatRequest(
            messages=tuple(transcript.messages),
            context=context.less(transcript.usage.cost_micro_usd),
            sampling=Sampling(max_tokens=ACTION_TOKENS, json_schema=schema),
        )
        async with asyncio.timeout(context.remaining_s()):
            return await self._llm.async_chat(request)

    async def _use(
        self, action: ToolAction, private: Mapping[str, str], context: RequestContext
    ) -> Observation:
        """Call the tool. A mistake of the model becomes an observation that it can learn from.

        A tool may be told the caller's personal data; the model hears back of placeholders.
        """
        tool = self._tools.get(action.action)
        if tool is None:
            known = ", ".join(self._tools)
            return Observation(text="", error=f"there is no such tool; the tools are: {known}")
        try:
            told = private if tool.needs_private else {}
            arguments = tool.parse(restored_json(action.arguments_json, told))
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        async with asyncio.timeout(context.remaining_s()):
            observation = await tool.async_run(arguments, context)
        return Observation(
            text=hidden(observation.text, private),
            error=observation.error and hidden(observation.error, private),
        )


class Transcript:
    """What was said and done in one loop."""

    def __init__(self, messages: list[Message], question: str, private: Mapping[str, str]) -> None:
        self.messages = messages
        self.private = private
        self.steps: list[Step] = []
        self._question = question
        self.usage = Usage()
        self._model = ""
        self._degraded: str | None = None
        self._seen: set[tuple[str, str]] = set()

    def heard(self, completion: Completion) -> None:
        self.usage += completion.usage
        self._model = completion.model
        self._degraded = self._degraded or completion.degraded

    def cut_short(self, error: Exception) -> str:
        """What to say when time or money ran out; raises the error when nothing was begun with it."""
        if isinstance(error, GenAIError):
            self.usage += spent_by(error) or Usage()
        if not isinstance(error, BudgetExceeded):
            return TOO_SLOW
        if not self.usage.total_tokens:
            raise error
        return TOO_EXPENSIVE

    def object_to(self, text: str, objection: str) -> None:
        """Ask the model to mend a malformed reply."""
        self.messages.append(Message(role="assistant", content=shortened(text)))
        self.messages.append(Message(role="user", content=f"Malformed reply: {objection}."))

    def repeats(self, action: ToolAction) -> bool:
        return (action.action, action.arguments_json) in self._seen

    def add(self, action: ToolAction, observation: Observation, seconds: float) -> Step:
        self._seen.add((action.action, action.arguments_json))
        self.messages.append(Message(role="assistant", content=action.model_dump_json()))
        self.messages.append(observation_message(observation))
        step = Step(
            tool=action.action,
            arguments=action.arguments_json,
            observation=shortened(observation.text),
            seconds=round(seconds, 4),
            error=observation.error,
        )
        self.steps.append(step)
        return step

    def vouched(self, answer: str) -> str:
        """The answer, or an admission when it gives numbers that nothing has shown.

        While every call succeeded, the model may calculate with what it saw. After a failure, and
        without any call, a number must stand in the question or in what a tool did find.
        """
        if not answer.strip():
            return UNREADABLE
        trusted = self.steps and all(step.error is None for step in self.steps)
        sources = [self._question, *(s.observation for s in self.steps if s.error is None)]
        return NOT_SURE if not trusted and unsupported(answer, sources) else answer

    def draft(self, text: str, model: str) -> Draft:
        return Draft(
            text=text,
            route="agent",
            model=self._model or model,
            steps=tuple(self.steps),
            usage=self.usage,
            degraded=self._degraded,
        )
