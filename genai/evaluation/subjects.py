"""The subjects of an evaluation: a model alone, or anything that answers like the assistant."""

from typing import Protocol

from genai.base.evaluator import EvaluationExample
from genai.base.llm import BaseLLM
from genai.messages import (
    Answer,
    ChatRequest,
    Message,
    Question,
    RequestContext,
    Sampling,
    Step,
)


class Subject(Protocol):
    """Raises the errors of the library; a refusal is `ContentRefused`."""

    name: str

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer: ...


class Answers(Protocol):
    async def async_answer(self, question: Question) -> Answer: ...


class ModelSubject:
    """A model alone. Its tool calls become steps with empty observations."""

    def __init__(self, llm: BaseLLM, *, max_tokens: int, system_prompt: str = "") -> None:
        self.name = llm.name
        self._llm = llm
        self._max_tokens = max_tokens
        self._system = system_prompt

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer:
        system = (Message(role="system", content=self._system),) if self._system else ()
        messages = example.messages or (*system, Message(role="user", content=example.input))
        sampling = Sampling(max_tokens=self._max_tokens)
        completion = await self._llm.async_chat(
            ChatRequest(messages=messages, context=context, sampling=sampling)
        )
        return Answer(
            id=example.id,
            text=completion.text,
            route="chat",
            model=completion.model,
            citations=completion.citations,
            steps=tuple(
                Step(tool=c.name, arguments=c.arguments, observation="", seconds=0.0)
                for c in completion.tool_calls
            ),
            usage=completion.usage,
            finish_reason=completion.finish_reason,
        )


class AssistantSubject:
    """The assistant, in this process or behind a handle."""

    def __init__(self, name: str, assistant: Answers, *, max_tokens: int) -> None:
        self.name = name
        self._assistant = assistant
        self._sampling = Sampling(max_tokens=max_tokens)

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer:
        return await self._assistant.async_answer(
            Question(
                text=example.input, context=context, route=example.route, sampling=self._sampling
            )
        )
