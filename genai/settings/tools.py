"""The tools that an agent may use."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from genai.messages import Role
from genai.section import Section


class ToolSection(Section):
    """What every tool has: the name that the model calls, limits, and who may use it.

    ``roles`` are those of a caller's key; a caller without any of them is not offered the tool. With
    ``tenants``, nor is a caller of any other.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    timeout_s: float = Field(default=10.0, gt=0)
    max_result_chars: int = Field(default=4000, ge=100, le=4000)
    roles: tuple[Role, ...] = ()
    tenants: tuple[str, ...] = ()


class SQLToolSettings(ToolSection):
    """``url`` begins with ``sqlite:///`` or ``postgresql://``; or ``url_env`` names a variable.

    ``tables`` names what may be read, all when it is empty.
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
    """Finds what the caller's tenant has under ``rag.store``."""

    tool: Literal["search_documents"]
    name: str = Field(default="search_documents", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    passages: int = Field(default=4, ge=1, le=20)


class HTTPGetToolSettings(ToolSection):
    """``hosts`` are all that may be asked, by https, such as ``rates.example.com``, or
    ``*.example.com`` for all names below it. None is reached at a private address.
    """

    tool: Literal["http_get"]
    name: str = Field(default="http_get", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    hosts: tuple[str, ...] = Field(min_length=1)
    max_bytes: int = Field(default=200_000, ge=1000, le=5_000_000)


class ArgumentSettings(Section):
    """What the model fills in. ``choices`` are the only texts that pass, when there are any."""

    type: Literal["integer", "text"]
    description: str = ""
    choices: tuple[str, ...] = ()
    max_chars: int = Field(default=200, ge=1, le=4000)


class RequirementSettings(Section):
    """``query`` must find a row, or the model is told ``otherwise`` and nothing is changed."""

    query: str
    otherwise: str


class StatementToolSettings(ToolSection):
    """One statement that changes one row, with arguments as ``:name``. Runs only once approved.

    ``done`` is what is said afterwards; arguments stand in it as ``{name}``.
    """

    tool: Literal["statement"]
    description: str
    url: str = "sqlite:///var/bank.sqlite"
    arguments: dict[str, ArgumentSettings]
    requires: tuple[RequirementSettings, ...] = ()
    statement: str
    done: str


class MCPToolSettings(ToolSection):
    """The tools of an MCP server; ``name`` and an underscore stand before each of their names.

    The server is a ``command`` on this machine, which gets the named variables of the environment
    (``env``), or a ``url``; ``headers_env`` names the variables with the values of its headers.

    Only tools in ``read_only`` run without an approval, whatever the server says of them. ``tools``
    names those that are used, all when it is empty.
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
