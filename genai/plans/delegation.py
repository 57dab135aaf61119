"""The supervisor: splits a question and assigns the parts to specialists."""

import json
from collections.abc import Mapping

from pydantic import Field, ValidationError

from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.errors import GenAIError, InvalidInput
from genai.language.clauses import MAX_CLAUSES
from genai.llms.spent import spent_by
from genai.messages import ChatRequest, Message, Sampling, Usage, Value
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.routing.compound import Part
from genai.settings.plans import HandoffNode, Specialist

REPLY_TOKENS = 400
TRIES = 2
"""The model may correct a malformed reply once."""


class Assignment(Value):
    """``surely``: no other specialist can answer it."""

    specialist: str
    question: str = Field(min_length=1, max_length=4000)
    surely: bool = False


class Assignments(Value):
    tasks: tuple[Assignment, ...] = Field(min_length=1, max_length=MAX_CLAUSES)


async def async_delegate(node: HandoffNode, task: Task, resources: PlanResources) -> Assignments:
    """Returns at least one assignment. If the supervisor's model fails or its reply is invalid, the
    rule decides.
    """
    if node.llm is not None:
        supervisor = Supervisor(resources.models[node.llm], resources.delegating, node.specialists)
        try:
            if found := await supervisor.async_split(task):
                return found
        except GenAIError as error:
            task.account.stands_at(task.account.own + (spent_by(error) or Usage()))
    return await _by_rule(node, task, resources)


async def _by_rule(node: HandoffNode, task: Task, resources: PlanResources) -> Assignments:
    """Splits at conjunctions, and routes each part."""
    of_route: dict[str, str] = {one.route: name for name, one in reversed(node.specialists.items())}
    parts = await resources.compound.async_parts(task.text)
    if parts and all(part.route in of_route for part in parts):
        return Assignments(tasks=tuple(_assigned(of_route[part.route], part) for part in parts))
    whole = await resources.compound.async_whole(task.text)
    first = next(iter(node.specialists))
    return Assignments(tasks=(_assigned(of_route.get(whole.route, first), whole),))


def _assigned(specialist: str, part: Part) -> Assignment:
    return Assignment(specialist=specialist, question=part.text, surely=part.surely)


def documents_for(node: HandoffNode, assigned: Assignment) -> str:
    """The node for documents, to try if the agent finds nothing; empty for other parts."""
    if assigned.surely or node.specialists[assigned.specialist].route != "agent":
        return ""
    return next((one.node for one in node.specialists.values() if one.route == "rag"), "")


class Supervisor:
    """A model that splits a question."""

    def __init__(
        self, llm: BaseLLM, prompt: BasePrompt, specialists: Mapping[str, Specialist]
    ) -> None:
        self._llm = llm
        self._prompt = prompt
        self._specialists = specialists

    async def async_split(self, task: Task) -> Assignments | None:
        """Returns `None` if the reply is invalid. Raises the errors of the model."""
        described = "\n".join(
            f"- {name}: {one.description or one.route}" for name, one in self._specialists.items()
        )
        messages = list(self._prompt.render(specialists=described, question=task.text))
        schema: str | None = json.dumps(self._schema())
        for _ in range(TRIES):
            try:
                said = await self._hear(messages, task, schema)
            except InvalidInput:  # this model cannot be held to a schema
                schema = None
                said = await self._hear(messages, task, schema)
            try:
                return self._read(said)
            except ValueError as error:
                messages.append(Message(role="assistant", content=said[:4000]))
                messages.append(Message(role="user", content=f"Malformed reply: {error}."))
        return None

    async def _hear(self, messages: list[Message], task: Task, schema: str | None) -> str:
        request = ChatRequest(
            messages=tuple(messages),
            context=task.context.less(task.account.cost),
            sampling=Sampling(max_tokens=REPLY_TOKENS, json_schema=schema),
        )
        completion = await self._llm.async_chat(request)
        task.account.stands_at(task.account.own + completion.usage)
        return completion.text

    def _read(self, said: str) -> Assignments:
        """Parses the reply. Raises `ValueError` that says what to correct."""
        try:
            found = Assignments.model_validate_json(said)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"])) or "the reply"
            raise ValueError(f"{where}: {first['msg']}") from None
        unknown = [one.specialist for one in found.tasks if one.specialist not in self._specialists]
        if unknown:
            raise ValueError(f"the specialists are {', '.join(self._specialists)}")
        return found

    def _schema(self) -> dict[str, object]:
        properties = {
            "specialist": {"enum": list(self._specialists)},
            "question": {"type": "string", "minLength": 1},
        }
        one = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        tasks = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_CLAUSES}
        return {
            "type": "object",
            "properties": {"tasks": tasks},
            "required": ["tasks"],
            "additionalProperties": False,
        }
