"""The interface of the tools of agents."""

import json
from abc import ABC, abstractmethod

from pydantic import BaseModel, ValidationError

from genai.errors import InvalidInput
from genai.messages import Decision, RequestContext, Role, ToolSpec, Value


class Observation(Value):
    """The result of a tool, as text for a model. ``error`` is a short hint on how to call it better.

    ``safety`` has the decisions of checks on it; models do not see them.
    """

    text: str
    error: str | None = None
    safety: tuple[Decision, ...] = ()


class BaseTool(ABC):
    """A tool. Its arguments are validated before `async_run` gets them.

    Mistakes of the model are returned as `Observation.error`, so that it can correct them. Only what it
    cannot correct is raised (`BackendFailed`, `DeadlineExceeded`, `Forbidden`). A tool without side
    effects is safe to call twice. One with side effects runs only after a person approved its
    arguments; if it raises, the outcome is unknown.
    """

    name: str
    description: str
    input_schema: type[BaseModel]
    side_effects: bool = False
    exactly_once: bool = False
    """Whether a second call with the same ``context.effect_key`` has no second effect."""
    needs_private: bool = False
    """Whether it needs the caller's personal data instead of placeholders."""
    timeout_s: float = 10.0
    max_result_chars: int = 4000
    roles: tuple[Role, ...] = ()
    """Callers need one of these roles; empty means everybody."""
    tenants: tuple[str, ...] = ()
    """Callers must belong to one of these tenants; empty means all."""

    async def async_prepare(self) -> None:
        """Load what ``description`` and `async_run` need. Safe to call twice.

        Raises `BackendFailed` when the tool's back end cannot be reached.
        """

    @abstractmethod
    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        """Run the tool. ``arguments`` is an instance of ``input_schema``."""

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        """Why a call would have no effect now; empty if nothing speaks against it.

        A hint for the model, checked before an approval is requested, so that nobody approves what
        cannot be done. Has no effects, and may be outdated when the tool is called.
        """
        return ""

    def parse(self, arguments: str) -> BaseModel:
        """Validate JSON text against ``input_schema``. Raises `InvalidInput`, which says what to
        change.
        """
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
    """Base class of wrappers of tools, which override `async_run`."""

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
    """A source of tools that must be asked for them, such as an MCP server; they may change."""

    @abstractmethod
    async def async_tools(self) -> tuple[BaseTool, ...]:
        """The current tools. If the source does not answer: the last known ones, or none."""
