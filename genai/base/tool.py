"""The interface of every tool that an agent may call."""

import json
from abc import ABC, abstractmethod

from pydantic import BaseModel, ValidationError

from genai.errors import InvalidInput
from genai.messages import RequestContext, ToolSpec, Value


class Observation(Value):
    """What a tool found, as text for a model. ``error`` is a short hint on how to do better."""

    text: str
    error: str | None = None


class BaseTool(ABC):
    """Something an agent can do. Its arguments are validated before `async_run` sees them.

    A tool reports a mistake of the model as `Observation.error`, so that the model can mend it, and
    raises only what the model cannot mend (`BackendFailed`, `DeadlineExceeded`, `Forbidden`).
    A tool without side effects is safe to call twice.
    """

    name: str
    description: str
    input_schema: type[BaseModel]
    side_effects: bool = False
    needs_private: bool = False
    """Whether its arguments must have the caller's personal data in place of placeholders."""
    timeout_s: float = 10.0

    async def async_prepare(self) -> None:
        """Load what ``description`` tells and `async_run` needs. Safe to call twice.

        Raises `BackendFailed` when what is behind the tool cannot be reached.
        """

    @abstractmethod
    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        """Do it. ``arguments`` is an instance of ``input_schema``."""

    def parse(self, arguments: str) -> BaseModel:
        """Validate JSON text against ``input_schema``; raises `InvalidInput` with what to change."""
        try:
            return self.input_schema.model_validate_json(arguments)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"])) or "arguments"
            raise InvalidInput(f"{where}: {first['msg']}", where) from None

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        schema = json.dumps(self.input_schema.model_json_schema())
        return ToolSpec(name=self.name, description=self.description, parameters=schema)
