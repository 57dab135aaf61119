"""Settings of the tools of agents."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from genai.messages import Role
from genai.section import Section
from genai.settings.statement_arguments import mistakes_in


class ToolSection(Section):
    """Settings of all tools: name, limits, and who may use them.

    With ``roles``, callers need a key with one of them; with ``tenants``, they must belong to one of
    them. Others are not offered the tool.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    timeout_s: float = Field(default=10.0, gt=0)
    max_result_chars: int = Field(default=4000, ge=100, le=4000)
    roles: tuple[Role, ...] = ()
    tenants: tuple[str, ...] = ()


class SQLToolSettings(ToolSection):
    """Read-only SQL. ``url`` begins with ``sqlite:///`` or ``postgresql://``; or ``url_env`` names the
    variable that holds it.

    ``tables`` are the tables that may be read; all when it is empty.
    """

    tool: Literal["sql"] = "sql"
    name: str = Field(default="sql", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    url: str = "sqlite:///var/bank.sqlite"
    url_env: str | None = None
    tables: tuple[str, ...] = ()
    max_rows: int = Field(default=50, ge=1, le=1000)
    timeout_s: float = Field(default=3.0, gt=0)


class CalculatorToolSettings(ToolSection):
    tool: Literal["calculator"]
    name: str = Field(default="calculator", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    timeout_s: float = Field(default=2.0, gt=0)


class DocumentSearchToolSettings(ToolSection):
    """Searches the documents of the caller's tenant."""

    tool: Literal["search_documents"]
    name: str = Field(default="search_documents", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    passages: int = Field(default=4, ge=1, le=20)


class HTTPGetToolSettings(ToolSection):
    """Reads web pages of ``hosts`` over https: names such as ``rates.example.com``, or
    ``*.example.com`` for all below it. Private addresses are refused.
    """

    tool: Literal["http_get"]
    name: str = Field(default="http_get", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    hosts: tuple[str, ...] = Field(min_length=1)
    max_bytes: int = Field(default=200_000, ge=1000, le=5_000_000)


class ArgumentSettings(Section):
    """An argument that the model fills in. Non-empty ``choices`` are the only allowed texts."""

    type: Literal["integer", "text"]
    description: str = ""
    choices: tuple[str, ...] = ()
    max_chars: int = Field(default=200, ge=1, le=4000)


class RequirementSettings(Section):
    """A precondition: ``query`` must return a row, or nothing is changed and the model gets
    ``otherwise``.
    """

    query: str
    otherwise: str


class StatementToolSettings(ToolSection):
    """One SQL statement that changes one row, with arguments as ``:name``. Needs an approval.

    ``done`` is the reply afterwards, with arguments as ``{name}``.
    """

    tool: Literal["statement"]
    description: str
    url: str = "sqlite:///var/bank.sqlite"
    arguments: dict[str, ArgumentSettings]
    requires: tuple[RequirementSettings, ...] = ()
    statement: str
    done: str

    @model_validator(mode="after")
    def arguments_are_known_and_used(self) -> "StatementToolSettings":
        queries = {f"requires.{n}.query": each.query for n, each in enumerate(self.requires)}
        queries["statement"] = self.statement
        if mistakes := list(mistakes_in(queries, self.done, self.arguments)):
            raise ValueError("; ".join(f"{self.name}.{mistake}" for mistake in mistakes))
        return self


class MCPToolSettings(ToolSection):
    """The tools of an MCP server. Their names are prefixed with ``name`` and an underscore.

    The server is a ``command`` on this machine, which gets the environment variables in ``env``, or a
    ``url``; ``headers_env`` names the variables with the values of HTTP headers.

    Only tools in ``read_only`` run without an approval, whatever the server declares. ``tools`` selects
    the tools to use; all when it is empty.
    """

    tool: Literal["mcp"]
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    url: str = ""
    headers_env: dict[str, str] = {}
    read_only: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @model_validator(mode="after")
    def is_a_command_or_a_url(self) -> "MCPToolSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")
        return self


ToolSettings = Annotated[
    SQLToolSettings
    | CalculatorToolSettings
    | DocumentSearchToolSettings
    | HTTPGetToolSettings
    | StatementToolSettings
    | MCPToolSettings,
    Field(discriminator="tool"),
]
