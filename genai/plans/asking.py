"""A node that asks the documents, the agent or the plain model."""

from genai.errors import GenAIError
from genai.llms.spent import spent_by
from genai.messages import (
    CitationEvent,
    DraftEvent,
    Material,
    Question,
    RestartEvent,
    SpentEvent,
    StepEvent,
    TokenEvent,
)
from genai.plans.crew import Crew
from genai.plans.outcome import Outcome, of_draft
from genai.plans.settings import AskNode
from genai.plans.task import Task
from genai.plans.telling import Telling
from genai.streams import closing


async def async_ask(
    node: AskNode, task: Task, crew: Crew, whole: Question, telling: Telling
) -> Outcome:
    """``whole`` is the question to the plan. Raises what the answerer raises."""
    question = await _question(node, task, crew, whole)
    steps, live = 0, task.live and node.route != "agent"
    outcome = None
    try:
        async with closing(crew.answerers[node.route].async_stream(question)) as events:
            async for event in events:
                match event:
                    case SpentEvent():
                        task.account.stands_at(event.usage)
                    case StepEvent():
                        await telling.async_step(task.place, steps, event.step)
                        steps += 1
                    case TokenEvent() | CitationEvent() | RestartEvent() if live:
                        telling.say(event)
                    case DraftEvent():
                        task.account.stands_at(event.draft.usage)
                        outcome = of_draft(event.draft)
                    case _:
                        pass
    except GenAIError as error:
        task.account.stands_at(spent_by(error) or task.account.own)
        raise
    assert outcome is not None, "a stream of events ended without its draft"
    return outcome


async def _question(node: AskNode, task: Task, crew: Crew, whole: Question) -> Question:
    return part_of(whole, task).model_copy(
        update={
            "text": task.filled(node.question),
            "route": node.route,
            "context": task.context.model_copy(update={"route": node.route}),
            "material": await async_material(node.reads, task, crew),
        }
    )


def part_of(whole: Question, task: Task) -> Question:
    """What a part of a run works on, at a place of its own in the journal."""
    return whole.model_copy(
        update={
            "text": task.text,
            "context": task.context,
            "history": task.history,
            "place": task.place,
            "whole": whole,
        }
    )


async def async_material(names: tuple[str, ...], task: Task, crew: Crew) -> tuple[Material, ...]:
    """What these nodes have found, checked like the results of tools."""
    found = [(name, task.found[name].text) for name in names if task.found[name].text]
    return tuple(
        [Material(source=name, text=await crew.async_screened(text, task)) for name, text in found]
    )
