"""The SQL tool: read-only, enforced twice, by the parser and by the database."""

import asyncio
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from genai.base.tool import BaseTool, Observation
from genai.errors import DeadlineExceeded, InvalidInput
from genai.messages import RequestContext
from genai.tools.database import Database
from genai.tools.sql_guard import SQLGuard

PURPOSE: Final = "Run one SELECT statement in {dialect} dialect and get its rows, at most {rows}."


class SQLArguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str = Field(min_length=1, description="one SELECT statement")


class SQLTool(BaseTool):
    """`SQLGuard` rewrites the statement; the `Database` executes only reads."""

    input_schema = SQLArguments
    needs_private = True

    def __init__(
        self,
        database: Database,
        *,
        name: str = "sql",
        max_rows: int = 50,
        timeout_s: float = 3.0,
    ) -> None:
        self.name = name
        self.timeout_s = timeout_s
        self.description = PURPOSE.format(dialect=database.dialect, rows=max_rows)
        self._database = database
        self._max_rows = max_rows
        self._guard: SQLGuard | None = None

    async def async_prepare(self) -> None:
        if self._guard is not None:
            return
        schema = await self._database.async_schema()
        if self._guard is not None:  # another request was as early, and quicker
            return
        self.description = f"{self.description} The tables:\n{schema.describe()}"
        self._guard = SQLGuard(self._database.dialect, schema)

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, SQLArguments)
        await self.async_prepare()
        assert self._guard is not None
        timeout_s = min(self.timeout_s, context.remaining_s())
        if timeout_s <= 0:
            raise DeadlineExceeded("no time is left to ask the database")
        try:
            sql = await asyncio.to_thread(self._guard.check, arguments.query, self._max_rows)
            rows = await self._database.async_select(
                sql, max_rows=self._max_rows, timeout_s=timeout_s
            )
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        return Observation(text=rows.text())
