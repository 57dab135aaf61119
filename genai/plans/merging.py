"""Merges the outcomes of several parts into one answer, written by a model."""

import re
from collections.abc import AsyncIterator, Mapping

from genai.agents.actions import observation_message
from genai.base.llm import BaseLLM
from genai.base.tool import Observation
from genai.errors import GenAIError
from genai.events import TokenEvent
from genai.language.numbers import unsupported
from genai.llms.spent import spent_by
from genai.messages import ChatRequest, Chunk, Message, Question
from genai.plans.event_feed import EventFeed
from genai.plans.outcome import Outcome, joined, texts_of
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.streams import closing

_ENDS = re.compile(r"(?<=[.!?])\s+(?=\S)|\n+")


async def async_written(
    outcomes: Mapping[str, Outcome],
    task: Task,
    resources: PlanResources,
    whole: Question,
    feed: EventFeed,
) -> Outcome:
    """Streams the model's answer without sentences whose numbers occur in no part. Falls back to the
    texts of the parts if no sentence is left, or the model fails before its first text.
    """
    plain = joined(list(outcomes.values()))
    if sum(bool(each.text) for each in outcomes.values()) < 2:
        return plain
    texts = dict(zip(outcomes, texts_of(list(outcomes.values())), strict=True))
    request = await _request(texts, task, resources, whole)
    sources = [task.text, *texts.values()]
    said: list[str] = []
    try:
        async with closing(_sentences(resources.writer, request, task)) as sentences:
            async for sentence in sentences:
                if not unsupported(sentence, sources):
                    said.append(sentence)
                    if task.live:
                        feed.say(TokenEvent(text=sentence))
    except GenAIError as error:
        task.account.stands_at(spent_by(error) or task.account.own)
        if said:
            raise
        degraded = "; ".join(filter(None, (plain.degraded, f"merge: {error.code}")))
        return plain.model_copy(update={"degraded": degraded})
    if not "".join(said).strip():
        return plain
    return plain.model_copy(update={"text": "".join(said), "model": resources.writer.name})


async def _request(
    texts: Mapping[str, str], task: Task, resources: PlanResources, whole: Question
) -> ChatRequest:
    """The prompt, with the texts as delimited data."""
    *before, last = resources.merging.render(question=task.text)
    seen: list[Message] = []
    for name, text in texts.items():
        checked = await resources.async_screened(text or "nothing", task)
        seen.append(observation_message(Observation(text=f"({name}) {checked}")))
    return ChatRequest(
        messages=(*before, *seen, last),
        context=task.context,
        sampling=whole.sampling.model_copy(update={"on_break": "continue"}),
    )


async def _sentences(llm: BaseLLM, request: ChatRequest, task: Task) -> AsyncIterator[str]:
    """Streams the model's text by sentences."""
    held = ""
    async with closing(llm.async_stream(request)) as chunks:
        async for chunk in chunks:
            _pay(chunk, task)
            held += chunk.text
            *whole, held = _cut(held)
            for sentence in whole:
                yield sentence
    if held:
        yield held


def _pay(chunk: Chunk, task: Task) -> None:
    task.decided.extend(chunk.safety)
    spent = chunk.usage or chunk.spent
    if spent is not None:
        task.account.stands_at(spent)


def _cut(text: str) -> list[str]:
    """Splits into sentences with trailing space; the last may be incomplete."""
    ends = [match.end() for match in _ENDS.finditer(text)]
    starts = [0, *ends]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]
