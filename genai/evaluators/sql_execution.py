"""Execution accuracy of SQL: does it return the rows of the expected query?"""

import json
import re
from collections import Counter
from itertools import permutations

from genai.base.evaluator import BaseEvaluator, EvaluationExample, Score
from genai.errors import InvalidInput
from genai.messages import Answer
from genai.tools.database import Cell, Database, Rows

_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)

MAX_ROWS = 5000
MAX_COLUMNS = 8
TIMEOUT_S = 10.0


class SQLExecution(BaseEvaluator):
    """1 if the agent's last statement, or the answer's own text, returns the expected rows.

    The order of rows counts only if the expected SQL has one; column names never count. Additional
    columns are allowed: an answer may give the amount besides the name.
    """

    name = "sql"

    def __init__(self, database: Database, tool: str = "sql") -> None:
        self._database = database
        self._tool = tool

    def applies(self, example: EvaluationExample) -> bool:
        return bool(example.expected_sql)

    async def async_evaluate(self, example: EvaluationExample, answer: Answer) -> Score:
        statement = self._statement(answer)
        if not statement:
            return self.score(0.0, "no SQL was run")
        expected = await self._run(example.expected_sql)
        try:
            found = await self._run(statement)
        except InvalidInput as error:
            return self.score(0.0, error.message)
        ordered = bool(_ORDERED.search(example.expected_sql))
        return self.score(same(expected, found, ordered=ordered))

    def _statement(self, answer: Answer) -> str:
        for step in reversed(answer.steps):
            if step.tool == self._tool and step.error is None:
                return str(_object(step.arguments).get("query", ""))
        text = answer.text.strip().strip("`").removeprefix("sql").strip()
        if text.startswith("{"):  # a model alone, which says what the tool should be told
            arguments = _object(text).get("arguments")
            return str(arguments.get("query", "")) if isinstance(arguments, dict) else ""
        return text if re.match(r"(?i)(select|with)\b", text) else ""

    async def _run(self, sql: str) -> Rows:
        return await self._database.async_select(sql, max_rows=MAX_ROWS, timeout_s=TIMEOUT_S)


def same(expected: Rows, found: Rows, *, ordered: bool) -> bool:
    """Whether some columns of the result equal the expected ones."""
    if len(expected.rows) != len(found.rows):
        return False
    some = [tuple(map(_plain, row)) for row in expected.rows]
    shown = found.columns[:MAX_COLUMNS]
    for columns in permutations(range(len(shown)), len(expected.columns)):
        other = [tuple(_plain(row[column]) for column in columns) for row in found.rows]
        if some == other if ordered else Counter(some) == Counter(other):
            return True
    return False


def _plain(cell: Cell) -> Cell:
    """Makes 1 equal to 1.0, and ignores rounding errors."""
    return round(float(cell), 6) if isinstance(cell, int | float) else cell


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
