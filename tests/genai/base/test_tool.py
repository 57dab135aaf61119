import json

import pytest
from pydantic import BaseModel, Field

from genai.base.tool import BaseTool, Observation, WrappedTool
from genai.errors import InvalidInput
from genai.messages import RequestContext, Role
from tests.support.answering import context


class Arguments(BaseModel):
    card: int = Field(ge=1)


class Tool(BaseTool):
    name = "block"
    description = "Block a card."
    input_schema: type[BaseModel] = Arguments

    async def async_prepare(self) -> None:
        self.description = "Block one of 7 cards."

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        return Observation(text=f"{arguments}")

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        return "it is blocked"


class Wrapper(WrappedTool):
    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        return await self._inner.async_run(arguments, context)


def test_arguments_are_read_from_json() -> None:
    assert Tool().parse('{"card": 7}') == Arguments(card=7)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [('{"card": "x"}', "card"), ('{"card": 0}', "card"), ("{}", "card"), ("card 7", "arguments")],
)
def test_malformed_arguments_are_named_to_the_model(arguments: str, field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        Tool().parse(arguments)


@pytest.mark.parametrize(
    ("tenants", "roles", "serves"),
    [
        ((), (), True),
        (("acme",), (), True),
        (("other", "acme"), (), True),
        (("other",), (), False),
        ((), ("operator",), True),
        ((), ("admin",), False),
        (("acme",), ("admin", "operator"), True),
        (("acme",), ("admin",), False),
        (("other",), ("operator",), False),
    ],
)
def test_it_serves_the_callers_of_its_tenants_and_roles(
    tenants: tuple[str, ...], roles: tuple[Role, ...], serves: bool
) -> None:
    tool = Tool()
    tool.tenants, tool.roles = tenants, roles

    assert tool.serves(context("acme").model_copy(update={"roles": ("operator",)})) is serves


def test_a_model_sees_its_name_its_description_and_the_schema_of_its_arguments() -> None:
    spec = Tool().spec

    assert (spec.name, spec.description) == ("block", "Block a card.")
    assert json.loads(spec.parameters)["properties"]["card"]["minimum"] == 1


async def test_a_wrapper_has_the_properties_of_its_tool() -> None:
    inner = Tool()
    inner.side_effects = inner.exactly_once = inner.needs_private = True
    inner.tenants, inner.roles, inner.timeout_s, inner.max_result_chars = ("a",), ("user",), 3, 9
    wrapper = Wrapper(inner)

    assert wrapper.parse('{"card": 7}') == Arguments(card=7)
    assert await wrapper.async_objection(Arguments(card=7), context()) == "it is blocked"
    for name in (
        *("name", "description", "input_schema", "side_effects", "exactly_once", "needs_private"),
        *("tenants", "roles", "timeout_s", "max_result_chars"),
    ):
        assert getattr(wrapper, name) == getattr(inner, name), name


async def test_a_wrapper_shows_what_its_tool_learnt_when_it_was_prepared() -> None:
    wrapper = Wrapper(Tool())
    await wrapper.async_prepare()

    assert wrapper.description == wrapper.spec.description == "Block one of 7 cards."
