"""Runs an ask node: a question to RAG, the agent or the plain model."""

from genai.errors import GenAIError
from genai.events import CitationEvent, DraftEvent, RestartEvent, SpentEvent, StepEvent, TokenEvent
from genai.llms.spent import spent_by
from genai.messages import Material, Question
from genai.plans.event_feed import EventFeed
from genai.plans.outcome import Outcome, of_draft
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.settings.plans import AskNode
from genai.streams import closing


async def async_ask(
    node: AskNode, task: Task, resources: PlanResources, whole: Question, feed: EventFeed
) -> Outcome:
    """``whole`` is the question to the plan. Raises the errors of the answerer."""
    question = await _question(node, task, resources, whole)
    steps, live = 0, task.live and node.route != "agent"
    outcome = None
    try:
        async with closing(resources.answerers[node.route].async_stream(question)) as events:
            async for event in events:
                match event:
                    case SpentEvent():
                        task.account.stands_at(event.usage)
                    case StepEvent():
                        await feed.async_step(task.place, steps, event.step)
                        steps += 1
                    case TokenEvent() | CitationEvent() | RestartEvent() if live:
                        feed.say(event)
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


async def _question(
    node: AskNode, task: Task, resources: PlanResources, whole: Question
) -> Question:
    return part_of(whole, task).model_copy(
        update={
            "text": task.filled(node.question),
            "route": node.route,
            "context": task.context.model_copy(update={"route": node.route}),
            "material": await async_material(node.reads, task, resources),
        }
    )


def part_of(whole: Question, task: Task) -> Question:
    """The question of a sub-task, with its own place in the journal."""
    return whole.model_copy(
        update={
            "text": task.text,
            "context": task.context,
            "history": task.history,
            "place": task.place,
            "whole": whole,
        }
    )


async def async_material(
    names: tuple[str, ...], task: Task, resources: PlanResources
) -> tuple[Material, ...]:
    """The texts of these nodes' outcomes, checked like tool results."""
    found = [(name, task.found[name].text) for name in names if task.found[name].text]
    return tuple(
        [
            Material(source=name, text=await resources.async_screened(text, task))
            for name, text in found
        ]
    )
