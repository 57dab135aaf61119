"""The interface of every tool that an agent may call."""

import json
from abc import ABC, abstractmethod

from pydantic import BaseModel, ValidationError

from genai.errors import InvalidInput
from genai.messages import Decision, RequestContext, Role, ToolSpec, Value


class Observation(Value):
    """What a tool found, as text for a model. ``error`` is a short hint on how to do better.

    ``safety`` is what was decided of it; no model reads that.
    """

    text: str
    error: str | None = None
    safety: tuple[Decision, ...] = ()


class BaseTool(ABC):
    """Something an agent can do. Its arguments are validated before `async_run` sees them.

    A tool reports a mistake of the model as `Observation.error`, so that the model can mend it, and
    raises only what the model cannot mend (`BackendFailed`, `DeadlineExceeded`, `Forbidden`).
    A tool without side effects is safe to call twice. One with side effects runs only after a
    person approved its arguments; an exception from it means that nobody knows what happened.
    """

    name: str
    description: str
    input_schema: type[BaseModel]
    side_effects: bool = False
    exactly_once: bool = False
    """Whether a second call with the same ``context.effect_key`` has no second effect."""
    needs_private: bool = False
    """Whether its arguments must have the caller's personal data in place of placeholders."""
    timeout_s: float = 10.0
    max_result_chars: int = 4000
    roles: tuple[Role, ...] = ()
    """Who may use it: callers that have one of them, or everybody when there are none."""
    tenants: tuple[str, ...] = ()
    """Whose callers may use it; those of all tenants when none is named."""

    async def async_prepare(self) -> None:
        """Load what ``description`` tells and `async_run` needs. Safe to call twice.

        Raises `BackendFailed` when what is behind the tool cannot be reached.
        """

    @abstractmethod
    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        """Do it. ``arguments`` is an instance of ``input_schema``."""

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        """Why a call with side effects would change nothing now; empty when nothing is against it.

        It is a hint for the model, and asked for before a person is, so that nobody approves what
        cannot be done. Changes nothing, and may be outdated by the time of the call.
        """
        return ""

    def parse(self, arguments: str) -> BaseModel:
        """Validate JSON text against ``input_schema``; raises `InvalidInput` with what to change."""
        try:
            return self.input_schema.model_validate_json(arguments)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"])) or "arguments"
            raise InvalidInput(f"{where}: {first['msg']}", where) from None

    def serves(self, context: RequestContext) -> bool:
        """Whether the caller may use it."""
        if self.tenants and context.tenant not in self.tenants:
            return False
        return not self.roles or not set(self.roles).isdisjoint(context.roles)

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        schema = json.dumps(self.input_schema.model_json_schema())
        return ToolSpec(name=self.name, description=self.description, parameters=schema)


class WrappedTool(BaseTool):
    """Looks like the tool that it holds. What wraps tools overrides `async_run`."""

    def __init__(self, inner: BaseTool) -> None:
        self._inner = inner
        self._resemble()

    async def async_prepare(self) -> None:
        await self._inner.async_prepare()
        self._resemble()

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        return await self._inner.async_objection(arguments, context)

    def parse(self, arguments: str) -> BaseModel:
        return self._inner.parse(arguments)

    @property
    def spec(self) -> ToolSpec:
        return self._inner.spec

    def _resemble(self) -> None:
        inner = self._inner
        self.name, self.description = inner.name, inner.description
        self.input_schema = inner.input_schema
        self.side_effects, self.exactly_once = inner.side_effects, inner.exactly_once
        self.needs_private = inner.needs_private
        self.roles, self.tenants = inner.roles, inner.tenants
        self.timeout_s, self.max_result_chars = inner.timeout_s, inner.max_result_chars


class ToolSource(ABC):
    """Tools that are only known once somebody was asked, and may change."""

    @abstractmethod
    async def async_tools(self) -> tuple[BaseTool, ...]:
        """Those that there are now. Of a source that does not answer: none, or what it had before."""
