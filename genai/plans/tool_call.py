"""Runs a tool node."""

import json
import time

from genai.agents.effects import Effects
from genai.agents.transcript import Done
from genai.base.tool import BaseTool, Observation
from genai.errors import BackendFailed, Forbidden, InvalidInput
from genai.messages import ApprovalRequest, Question
from genai.plans.asking import part_of
from genai.plans.event_feed import EventFeed
from genai.plans.outcome import Outcome
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.runs.journal import Journal
from genai.safety.placeholders import hidden, restored_json
from genai.safety.worst_decisions import worst_decisions
from genai.settings.plans import ToolNode

WAITING = "Before {tool} may be used, somebody has to approve it. The work goes on as soon as that is done."
NOT_DONE = "That was not done: {why}."
STEP = 0


async def async_use(
    node: ToolNode, task: Task, resources: PlanResources, whole: Question, feed: EventFeed
) -> Outcome:
    """Raises `Forbidden` for a caller without the role, and `BackendFailed` if a read-only tool failed.

    A change that a person or the tool rejected is a normal outcome.
    """
    tool, question = resources.tools[node.tool], part_of(whole, task)
    await tool.async_prepare()
    if not tool.serves(task.context) or (tool.side_effects and resources.requester is None):
        raise Forbidden(f"this key may not use {tool.name}")
    told = whole.private if tool.needs_private else {}
    arguments = restored_json(_arguments(node, task), told)
    if tool.side_effects:
        done = await _change(tool, arguments, resources, question)
    else:
        done = await _look_up(tool, arguments, question)
    if isinstance(done, ApprovalRequest):
        said = WAITING.format(tool=tool.name)
        return Outcome(text=said, approval=done, finish_reason="approval")
    step = done.step(tool.name)
    await feed.async_step(task.place, STEP, step)
    error = done.observation.error
    if error is not None and not tool.side_effects:
        raise BackendFailed(f"the tool {tool.name} failed", False)
    text = done.observation.text if error is None else NOT_DONE.format(why=error)
    return Outcome(
        text=text, model=tool.name, steps=(step,), safety=worst_decisions(done.observation.safety)
    )


def _arguments(node: ToolNode, task: Task) -> str:
    filled = {
        name: task.filled(value) if isinstance(value, str) else value
        for name, value in node.arguments.items()
    }
    return json.dumps(filled, sort_keys=True, ensure_ascii=False)


async def _look_up(tool: BaseTool, arguments: str, question: Question) -> Done:
    started = time.perf_counter()
    try:
        seen = await tool.async_run(tool.parse(arguments), question.context)
    except InvalidInput as error:
        seen = Observation(text="", error=error.message)
    private = question.private
    observation = Observation(
        text=hidden(seen.text, private),
        error=seen.error and hidden(seen.error, private),
        safety=seen.safety,
    )
    seconds = round(time.perf_counter() - started, 4)
    return Done(observation=observation, arguments=hidden(arguments, private), seconds=seconds)


async def _change(
    tool: BaseTool, arguments: str, resources: PlanResources, question: Question
) -> Done | ApprovalRequest:
    assert resources.requester is not None
    journal: Journal = resources.requester.journal(question)
    await journal.async_open()
    try:
        tool.parse(arguments)
    except InvalidInput as error:
        mistake = Observation(text="", error=error.message)
        return Done(observation=mistake, arguments=hidden(arguments, question.private), seconds=0.0)
    effects = Effects(resources.requester, question, question.context, journal)
    return await effects.async_do(tool, arguments, STEP)
