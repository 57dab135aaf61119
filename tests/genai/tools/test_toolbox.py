import pytest

from genai.errors import InvalidInput
from genai.tools.toolbox import REFUSED, Toolbox
from tests.support.agents import LookupTool, a_context
from tests.support.answering import WordGuard
from tests.support.runs import ChangeTool


def toolbox(**known: str) -> Toolbox:
    return Toolbox([LookupTool(known), ChangeTool()], WordGuard())


async def test_only_tools_without_side_effects_are_offered() -> None:
    specs = await toolbox().async_specs(a_context())

    assert [spec.name for spec in specs] == ["lookup"]
    with pytest.raises(InvalidInput):
        await toolbox().async_use("block", '{"card": 7}', a_context())


@pytest.mark.parametrize("whose", [{"roles": ("operator",)}, {"tenants": ("rival",)}])
async def test_a_tool_of_another_role_or_tenant_does_not_exist(
    whose: dict[str, tuple[str, ...]],
) -> None:
    tool = LookupTool({})
    vars(tool).update(whose)
    box = Toolbox([tool], WordGuard())

    assert await box.async_specs(a_context()) == ()
    with pytest.raises(InvalidInput):
        await box.async_use("lookup", '{"key": "a"}', a_context())


async def test_a_tool_of_the_own_tenant_is_offered() -> None:
    tool = LookupTool({})
    tool.tenants = ("rival", a_context().tenant)

    (spec,) = await Toolbox([tool], WordGuard()).async_specs(a_context())

    assert spec.name == "lookup"


async def test_results_are_checked_like_answers() -> None:
    box = toolbox(a="the secret", b="a bomb")

    assert (await box.async_use("lookup", '{"key": "a"}', a_context())).text == "the <MASKED>"
    assert (await box.async_use("lookup", '{"key": "b"}', a_context())).error == REFUSED


async def test_wrong_arguments_are_a_hint() -> None:
    seen = await toolbox().async_use("lookup", '{"k": 1}', a_context())

    assert "key" in str(seen.error)
