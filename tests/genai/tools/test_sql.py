import asyncio
from pathlib import Path

import pytest

from genai.errors import BackendFailed, DeadlineExceeded, InvalidInput
from genai.tools.sql import SQLTool
from genai.tools.sqlite import SQLiteDatabase
from tests.support.agents import a_context


@pytest.fixture
def tool(path: Path) -> SQLTool:
    return SQLTool(SQLiteDatabase(path, ("people", "payments")), max_rows=5)


async def observed(tool: SQLTool, sql: str) -> str:
    observation = await tool.async_run(tool.input_schema(query=sql), a_context())
    assert observation.error is None
    return observation.text


async def test_rows_become_a_small_table(tool: SQLTool) -> None:
    text = await observed(tool, "SELECT city, COUNT(*) AS n FROM people GROUP BY city ORDER BY 1")

    assert text == "city | n\nGenoa | 20\nLisbon | 20\n(2 rows)"


async def test_a_truncated_table_has_a_note(tool: SQLTool) -> None:
    text = await observed(tool, "SELECT name FROM people")

    assert text.endswith("(first 5 rows, there are more)")


async def test_a_cell_cannot_forge_another_cell_or_row(tool: SQLTool) -> None:
    text = await observed(tool, "SELECT 'a | b' || CAST(1 AS TEXT) || '\n(9 rows)' AS x")

    assert text == "x\na / b1 (9 rows)\n(1 row)"


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT nam FROM people", "nam"),
        ("SELECT * FROM secrets", "the tables are: payments, people"),
        ("DELETE FROM people", "only SELECT is possible"),
        ("SELEC", "SELECT"),
    ],
)
async def test_a_mistake_comes_back_as_a_hint(tool: SQLTool, sql: str, hint: str) -> None:
    observation = await tool.async_run(tool.input_schema(query=sql), a_context())

    assert observation.text == ""
    assert hint in (observation.error or "")


async def test_the_description_has_the_schema_once_when_many_prepare_at_once(tool: SQLTool) -> None:
    await asyncio.gather(*(tool.async_prepare() for _ in range(50)))

    assert tool.description.count("The tables:") == 1


async def test_after_prepare_the_description_has_the_schema(tool: SQLTool) -> None:
    await tool.async_prepare()
    await tool.async_prepare()

    assert tool.description.count("people: who they are") == 1
    assert "secrets" not in tool.description
    assert '"query"' in tool.spec.parameters


async def test_a_request_without_time_asks_nothing(tool: SQLTool) -> None:
    with pytest.raises(DeadlineExceeded):
        await tool.async_run(tool.input_schema(query="SELECT 1"), a_context(seconds=-1))


async def test_a_missing_database_is_not_the_models_mistake(tmp_path: Path) -> None:
    tool = SQLTool(SQLiteDatabase(tmp_path / "none.sqlite"))

    with pytest.raises(BackendFailed):
        await tool.async_run(tool.input_schema(query="SELECT 1"), a_context())


def test_arguments_are_validated(tool: SQLTool) -> None:
    with pytest.raises(InvalidInput):
        tool.parse('{"sql": "SELECT 1"}')
