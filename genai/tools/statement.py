"""A tool that changes one row by a statement from the settings, such as blocking a card."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from genai.base.tool import BaseTool, Observation
from genai.errors import Forbidden
from genai.messages import RequestContext
from genai.settings.tools import ArgumentSettings, StatementToolSettings
from genai.tools.sqlite_writer import SQLiteWriter

LARGEST = 2**53
"""Integers above this are inexact in JavaScript."""


class StatementTool(BaseTool):
    """The model provides arguments; the settings provide the statement."""

    side_effects = True
    exactly_once = True

    def __init__(self, settings: StatementToolSettings, writer: SQLiteWriter) -> None:
        self.name = settings.name
        self.description = settings.description
        self.input_schema = _schema(settings.name, settings.arguments)
        self._done = settings.done
        self._writer = writer

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        within_s = min(self.timeout_s, context.remaining_s())
        return await self._writer.async_objection(arguments.model_dump(), within_s=within_s)

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        if not context.effect_key:
            raise Forbidden("nobody has approved this")
        values = arguments.model_dump()
        done = self._done.format_map(values)
        refusal = await self._writer.async_apply(
            context.effect_key, values, within_s=min(self.timeout_s, context.remaining_s())
        )
        if refusal:
            return Observation(text="", error=refusal)
        return Observation(text=done)


def _schema(name: str, arguments: Mapping[str, ArgumentSettings]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        argument: (_type(settings), _field(settings)) for argument, settings in arguments.items()
    }
    config = ConfigDict(extra="forbid", frozen=True, strict=True)
    return create_model(f"{name}_arguments", __config__=config, **fields)


def _type(settings: ArgumentSettings) -> Any:
    if settings.choices:
        return Literal[settings.choices]
    return int if settings.type == "integer" else str


def _field(settings: ArgumentSettings) -> Any:
    if settings.choices:
        return Field(description=settings.description)
    if settings.type == "integer":
        return Field(description=settings.description, ge=0, le=LARGEST)
    return Field(description=settings.description, min_length=1, max_length=settings.max_chars)
