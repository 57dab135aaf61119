"""A calculator tool: language models are bad at arithmetic."""

from pydantic import BaseModel, ConfigDict, Field

from genai.base.tool import BaseTool, Observation
from genai.errors import InvalidInput
from genai.messages import RequestContext
from genai.tools.arithmetic import FUNCTIONS, MAX_CHARS, evaluate, spelt


class CalculatorArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    expression: str = Field(min_length=1, max_length=MAX_CHARS, description="such as 12.5 * 3 / 4")


class CalculatorTool(BaseTool):
    """Has no side effects and reads nothing. An expression takes at most milliseconds."""

    description = (
        "Compute an arithmetic expression exactly: numbers, + - * / // % ** ( ) and "
        f"{', '.join(sorted(FUNCTIONS))}."
    )
    input_schema = CalculatorArguments

    def __init__(self, *, name: str = "calculator") -> None:
        self.name = name

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, CalculatorArguments)
        try:
            return Observation(text=spelt(evaluate(arguments.expression)))
        except InvalidInput as error:
            return Observation(text="", error=error.message)
