"""The SQL guard: parses a statement and rewrites it as one harmless SELECT.

It is an allow-list: the kind of statement, each kind of node in its tree, each function, table and column
must be listed. The SQL that runs is generated from the checked tree, so tricks of spelling never reach the
database.
"""

import logging
from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SqlglotError, TokenError
from sqlglot.optimizer.qualify import qualify

from genai.errors import InvalidInput
from genai.tools.database import Schema

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # warnings would quote the query

MAX_LENGTH: Final = 8_192
MAX_DEPTH: Final = 50
MAX_JOINS: Final = 8
MAX_NODES: Final = 2_000
MAX_TOKENS: Final = 1_500
MAX_SELECTS: Final = 32

TOO_DEEP: Final = "the query is nested too deeply or too long: write a simpler one"

ROOTS: Final = (exp.Select, exp.SetOperation)

STRUCTURE: Final = (
    exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.With, exp.CTE, exp.From,
    exp.Join, exp.Where, exp.Group, exp.Rollup, exp.Cube, exp.GroupingSets, exp.Having, exp.Order,
    exp.Ordered, exp.Limit, exp.Offset, exp.Table, exp.TableAlias, exp.Column, exp.Identifier,
    exp.Star, exp.Alias, exp.Distinct, exp.Tuple, exp.Paren, exp.Window, exp.WindowSpec, exp.Filter,
    exp.WithinGroup,
)  # fmt: skip

VALUES: Final = (
    exp.Literal, exp.Null, exp.Boolean, exp.Interval, exp.IntervalSpan, exp.Var, exp.DataType,
    exp.DataTypeParam,
)  # fmt: skip

OPERATORS: Final = (
    exp.And, exp.Or, exp.Not, exp.Neg, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between, exp.Like, exp.ILike, exp.Escape,
    exp.Exists, exp.Any, exp.All, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod,
    exp.DPipe, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Collate, exp.AtTimeZone,
)  # fmt: skip

FUNCTION_NODES: Final = (
    # aggregates and windows
    exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.GroupConcat, exp.Stddev, exp.StddevPop,
    exp.StddevSamp, exp.Variance, exp.VariancePop, exp.PercentileCont, exp.PercentileDisc,
    exp.Median, exp.Mode, exp.Corr, exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank,
    exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue,
    # numbers and nulls
    exp.Abs, exp.Round, exp.Ceil, exp.Floor, exp.Sqrt, exp.Pow, exp.Ln, exp.Log, exp.Exp, exp.Sign,
    exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least,
    # text
    exp.Lower, exp.Upper, exp.Length, exp.Trim, exp.Substring, exp.Replace, exp.Concat,
    exp.ConcatWs, exp.StrPosition, exp.Left, exp.Right, exp.Initcap, exp.RegexpLike,
    # time
    exp.Extract, exp.TimestampTrunc, exp.DateTrunc, exp.TimeToStr, exp.StrToTime, exp.StrToDate,
    exp.UnixToTime, exp.ExplodingGenerateSeries, exp.Date, exp.Datetime, exp.Time,
    exp.CurrentDate, exp.CurrentTimestamp, exp.TsOrDsToDate, exp.TsOrDsToTimestamp,
)  # fmt: skip

OTHER_FUNCTIONS: Final = frozenset(
    {
        *("date", "datetime", "time", "strftime", "julianday", "unixepoch"),
        *("age", "date_part", "make_date", "to_char"),
        *("total", "printf", "instr"),
    }
)
"""Functions for which the parser has no class."""

ALLOWED: Final = frozenset((*STRUCTURE, *VALUES, *OPERATORS, *FUNCTION_NODES))

PLAIN_TYPES: Final = frozenset(
    {
        *exp.DataType.NUMERIC_TYPES,
        *exp.DataType.TEXT_TYPES,
        *exp.DataType.TEMPORAL_TYPES,
        exp.DataType.Type.BOOLEAN,
        exp.DataType.Type.INTERVAL,
        exp.DataType.Type.TIME,
    }
)


class SQLGuard:
    """Checks SQL against a schema. Without a schema, tables and columns may have any plain name."""

    def __init__(self, dialect: str, schema: Schema | None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._known: dict[str, object] = {
            table.name: {column.name: column.type for column in table.columns}
            for table in (schema.tables if schema else ())
        }
        self._tables = {name.lower() for name in self._known}

    def check(self, sql: str, max_rows: int) -> str:
        """Returns the statement to run, limited to one row more than ``max_rows``.

        Raises `InvalidInput` that says what to write instead.
        """
        try:
            tree = self._parse(sql)
            self._check_tree(tree)
            tree = self._resolve(tree)
            return str(_limited(tree, max_rows).sql(dialect=self._dialect, comments=False))
        except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(_hint(error)) from error

    def _parse(self, sql: str) -> exp.Query:
        _check_text(sql, self._dialect)
        statements = sqlglot.parse(sql, dialect=self._dialect)
        if len(statements) != 1:
            raise InvalidInput("write exactly one statement")
        root = statements[0]
        if not isinstance(root, ROOTS):
            raise InvalidInput("only SELECT is possible: the data can be read, never changed")
        return root

    def _check_tree(self, tree: exp.Query) -> None:
        known = self._tables | {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
        counts = {exp.Join: 0, exp.Select: 0}
        for number, (node, depth) in enumerate(_walk(tree)):
            if depth > MAX_DEPTH or number > MAX_NODES:
                raise InvalidInput(TOO_DEEP)
            _check_node(node)
            if isinstance(node, exp.Table):
                self._check_table(node, known)
            if type(node) in counts:
                counts[type(node)] += 1
        if counts[exp.Join] > MAX_JOINS or counts[exp.Select] > MAX_SELECTS:
            raise InvalidInput(f"at most {MAX_JOINS} joins and {MAX_SELECTS} SELECTs are possible")

    def _check_table(self, table: exp.Table, known: set[str]) -> None:
        if not isinstance(table.this, exp.Identifier):
            raise InvalidInput("a function cannot stand where a table is expected")
        if self._schema is None:
            return
        if table.args.get("db") or table.args.get("catalog"):
            raise InvalidInput("write table names without a schema or database in front")
        if table.name.lower() not in known:
            names = ", ".join(sorted(self._known))
            raise InvalidInput(f"there is no table {table.name[:40]}; the tables are: {names}")

    def _resolve(self, tree: exp.Query) -> exp.Query:
        """Qualifies every column and expands every star. Unknown names are errors."""
        if self._schema is None:
            return tree
        resolved = qualify(tree, dialect=self._dialect, schema=self._known)
        for node in resolved.walk():
            _check_node(node)
        return resolved


# -- the text --------------------------------------------------------------------------------------


def _check_text(sql: str, dialect: str) -> None:
    """Bounds the parser's work: it is recursive, and its time grows with nesting."""
    if len(sql) > MAX_LENGTH:
        raise InvalidInput(f"the query is longer than {MAX_LENGTH} characters")
    if "\0" in sql:
        raise InvalidInput("the query holds a character that SQL does not have")
    depth = deepest = run = longest = 0
    tokens = sqlglot.tokenize(sql, dialect=dialect)
    for token in tokens:
        word = token.text.upper()
        depth += (word in ("(", "[", "CASE")) - (word in (")", "]", "END"))
        run = run + 1 if word in ("NOT", "-", "+", "~") else 0
        deepest, longest = max(deepest, depth), max(longest, run)
    if deepest > MAX_DEPTH or longest > MAX_DEPTH or len(tokens) > MAX_TOKENS:
        raise InvalidInput(TOO_DEEP)


# -- the tree --------------------------------------------------------------------------------------


def _walk(tree: exp.Expression) -> Iterator[tuple[exp.Expression, int]]:
    """All nodes with their depth, without recursion. A chain like ``a AND b AND c`` is one level."""
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        for child in node.iter_expressions():
            chained = isinstance(child, (exp.Connector, exp.SetOperation, exp.Add, exp.DPipe))
            same = chained and type(child) is type(node)
            stack.append((child, depth if same else depth + 1))


def _check_node(node: exp.Expression) -> None:
    if isinstance(node, exp.Anonymous):
        if node.name.lower() not in OTHER_FUNCTIONS:
            raise InvalidInput(f"the function {node.name[:40]} is not available")
    elif type(node) not in ALLOWED:
        what = "the function" if isinstance(node, exp.Func) else "the SQL construct"
        raise InvalidInput(f"{what} {type(node).__name__} is not available")
    elif isinstance(node, exp.DataType) and node.this not in PLAIN_TYPES:
        raise InvalidInput("only plain types are available: numbers, text, dates")
    elif isinstance(node, exp.Column) and (node.args.get("db") or node.args.get("catalog")):
        raise InvalidInput("write column names with at most a table in front")


def _limited(tree: exp.Query, max_rows: int) -> exp.Query:
    """Allows one row more than the limit, so that the caller can detect more rows."""
    limit = tree.args.get("limit")
    if limit is not None:
        wanted = limit.expression
        if not (isinstance(wanted, exp.Literal) and not wanted.is_string):
            raise InvalidInput("LIMIT must be a whole number")
        if int(wanted.this) <= max_rows:
            return tree
    return tree.limit(max_rows + 1, copy=False)


def _hint(error: Exception) -> str:
    """The parser's error on one line."""
    match error:
        case OptimizeError():
            text = str(error).partition(". Line")[0].partition("\n")[0].strip()
            return f"{text[:200]}; column names must be in the schema, text stands in single quotes"
        case ParseError() | TokenError():
            return "the query is not valid SQL"
        case RecursionError():
            return TOO_DEEP
        case _:
            return "the query cannot be understood: write a simpler one"
