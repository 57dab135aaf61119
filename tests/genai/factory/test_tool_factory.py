from pathlib import Path

import pytest

from genai.base.tool import BaseTool
from genai.errors import Misconfigured
from genai.factory import tool_factory
from genai.messages import Passage
from genai.rag.permissions import Reader
from genai.settings.tools import (
    CalculatorToolSettings,
    DocumentSearchToolSettings,
    HTTPGetToolSettings,
    SQLToolSettings,
    StatementToolSettings,
    ToolSettings,
)
from tests.support.agents import a_context
from tests.support.answering import WordGuard


class NoDocuments:
    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        return ()


def build_tools(settings: list[ToolSettings]) -> tuple[BaseTool, ...]:
    return tool_factory.build_tools(settings, WordGuard(), NoDocuments)


def test_a_sqlite_address_gives_a_tool_that_opens_nothing_yet(tmp_path: Path) -> None:
    (tool,) = build_tools([SQLToolSettings(url=f"sqlite:///{tmp_path}/none.sqlite")])

    assert tool.name == "sql"
    assert list(tmp_path.iterdir()) == []


def test_a_postgres_address_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_URL", "postgresql://reader@localhost/bank")

    (tool,) = build_tools([SQLToolSettings(url_env="BANK_URL", name="bank", timeout_s=1.5)])

    assert (tool.name, tool.timeout_s) == ("bank", 1.5)
    assert "postgres" in tool.description


@pytest.mark.parametrize(
    "settings",
    [
        SQLToolSettings(url="mysql://localhost/bank"),
        SQLToolSettings(url_env="NOT_SET_ANYWHERE"),
    ],
)
def test_an_address_that_cannot_work_is_a_mistake_of_the_operator(
    settings: SQLToolSettings,
) -> None:
    with pytest.raises(Misconfigured):
        build_tools([settings])


BLOCK = StatementToolSettings(
    tool="statement",
    name="block_card",
    description="Block a card.",
    arguments={},
    statement="",
    done="",
    roles=("operator",),
    timeout_s=2,
    max_result_chars=100,
)


def test_every_kind_of_tool_is_built_with_the_limits_of_its_settings() -> None:
    tools = build_tools(
        [
            BLOCK,
            CalculatorToolSettings(tool="calculator"),
            DocumentSearchToolSettings(tool="search_documents"),
            HTTPGetToolSettings(tool="http_get", hosts=("rates.example.com",)),
        ]
    )

    assert [tool.name for tool in tools] == [
        "block_card",
        "calculator",
        "search_documents",
        "http_get",
    ]
    assert (tools[0].timeout_s, tools[0].max_result_chars, tools[0].roles) == (
        2,
        100,
        ("operator",),
    )
    assert [tool.side_effects for tool in tools] == [True, False, False, False]


def test_only_sqlite_can_be_changed() -> None:
    with pytest.raises(Misconfigured):
        build_tools([BLOCK.model_copy(update={"url": "postgresql://localhost/bank"})])


async def test_what_a_tool_finds_is_checked() -> None:
    [tool] = build_tools([CalculatorToolSettings(tool="calculator")])

    seen = await tool.async_run(tool.parse('{"expression": "6 * 7"}'), a_context())

    assert seen.text == "42"
