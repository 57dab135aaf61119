"""Turns questions about figures into SQL, as far as a small trained model can be trusted with it.

    question ─▶ a worked example that asks the same ─▶ its SQL
             └▶ several replies of the model ─▶ those that use what the question names
                                             ─▶ what most of them say, or an honest no
    observation ─▶ the rows in words

The model never says a number: it writes the query, and the rows are told by this code.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from genai.agents.actions import (
    FAILED,
    Action,
    FinalAnswer,
    ToolAction,
    is_observation,
    parse_action,
)
from genai.analyst.accounting import accounted, sound
from genai.analyst.telling import told
from genai.analyst.turned import turned
from genai.analyst.understood import understood
from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, InvalidInput, Overloaded
from genai.llms.nearest_example import TOOL_FAILED, NearestExampleLLM, asked_in, table_of
from genai.llms.plain_text import check_plain
from genai.messages import ChatRequest, Completion, Message, Sampling, Usage
from genai.settings.models import AnalystSettings

ACTION_TOKENS: Final = 160
INSTRUCTION: Final = "What a tool found comes back as a message that begins with Observation:"
"""All that the model is told; it knows its schema by heart."""

POINTS_BACK: Final = re.compile(r"\b(?:those|these|them|ones)\b", re.IGNORECASE)
FOUND: Final = "The rows answer the question."


class AnalystLLM(BaseLLM):
    """Stateless: an observation after a query that no worked example made is told from its rows."""

    def __init__(
        self, name: str, settings: AnalystSettings, model: BaseLLM, worked: NearestExampleLLM
    ) -> None:
        self.name = name
        self._settings = settings
        self._model = model
        self._worked = worked

    async def async_start(self) -> None:
        await self._worked.async_start()

    async def async_chat(self, request: ChatRequest) -> Completion:
        check_plain(request)
        if is_observation(request.messages[-1]):
            return await self._conclude(request)
        worked = await self._worked.async_chat(request)
        question = self._worked.question(request.messages)
        found = isinstance(parse_action(worked.text), ToolAction)
        if found or self._worked.elsewhere(question) or _leans(request.messages, question):
            return worked
        try:
            heard = await self._ask(request, question)
        except (BackendFailed, Overloaded) as error:
            return worked.model_copy(update={"degraded": f"{self._model.name}: {error.message}"})
        usage = sum((one.usage for one in heard), worked.usage)
        chosen = self._chosen(question, heard)
        text = chosen.model_dump_json() if chosen else worked.text
        return Completion(text=text, model=self.name, usage=usage)

    async def _ask(self, request: ChatRequest, question: str) -> list[Completion]:
        """Once at its best, and some more times at random, all at the same time."""
        messages = (
            Message(role="system", content=INSTRUCTION),
            Message(role="user", content=question),
        )
        warm = self._settings.temperature
        heats = (0.0, *(warm for _ in range(self._settings.samples - 1)))
        calls = (
            self._model.async_chat(
                request.model_copy(
                    update={
                        "messages": messages,
                        "sampling": Sampling(max_tokens=ACTION_TOKENS, temperature=heat, seed=seed),
                    }
                )
            )
            for seed, heat in enumerate(heats)
        )
        return list(await asyncio.gather(*calls))

    def _chosen(self, question: str, heard: Sequence[Completion]) -> Action | None:
        """What enough replies say; None when they differ too much, or miss what is asked."""
        actions = [action for one in heard if (action := _read(one.text))]
        fitting = [action for action in actions if self._fits(question, action)]
        said = Counter(action.model_dump_json() for action in fitting)
        if not said:
            return None
        best, count = said.most_common(1)[0]
        return parse_action(best) if count >= self._settings.agreement * len(heard) else None

    def _fits(self, question: str, action: Action) -> bool:
        """A reason to decline always does."""
        if not isinstance(action, ToolAction):
            return isinstance(action, FinalAnswer)
        query = str(action.arguments.get("query", ""))
        mentions = self._worked.mentions(question)
        return sound(query) and turned(question, query) and accounted(question, mentions, query)

    async def _conclude(self, request: ChatRequest) -> Completion:
        if self._worked.knows(request.messages):
            return await self._worked.async_chat(request)
        *before, last = request.messages
        answer = TOOL_FAILED
        if not last.content.startswith(FAILED):
            columns, rows, cut = table_of(last.content)
            answer = _with(understood(_query(before)), told(columns, rows, cut=cut))
        text = FinalAnswer(thought=FOUND, answer=answer).model_dump_json()
        return Completion(text=text, model=self.name, usage=Usage())


def _leans(messages: Sequence[Message], question: str) -> bool:
    """Whether the last question is about what was said before, and nobody could make it whole."""
    asked = asked_in(messages)
    return len(asked) > 1 and question == asked[-1] and POINTS_BACK.search(question) is not None


def _query(messages: Sequence[Message]) -> str:
    """What was run last."""
    said = [m.content for m in messages if m.role == "assistant"]
    action = _read(said[-1]) if said else None
    return str(action.arguments.get("query", "")) if isinstance(action, ToolAction) else ""


def _with(how: str, answer: str) -> str:
    """The answer, and how the question was understood."""
    return f"{answer.removesuffix('.')} ({how})." if how else answer


def _read(text: str) -> Action | None:
    try:
        return parse_action(text)
    except InvalidInput:
        return None
