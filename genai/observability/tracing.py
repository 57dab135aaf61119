"""The tracing interface: one request as a tree of spans over all processes.

    POST generate ─┬▶ safety input
                   └▶ orchestrator ─▶ rag ─▶ llm extractive

`RequestContext.traceparent` carries the position in the tree, in W3C Trace Context format. Names and numbers
are recorded, never texts.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from genai.messages import RequestContext

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"
)

Attribute = str | int | float | bool


class Span(Protocol):
    """``traceparent`` makes spans of calls within it its children."""

    traceparent: str

    def note(self, attributes: Mapping[str, Attribute]) -> None:
        """Add attributes, named by OpenTelemetry's semantic conventions."""
        ...


class Tracer(Protocol):
    """A span ends with its block. Errors that leave the block are recorded by their code."""

    def request(self, name: str, request_id: str, traceparent: str) -> AbstractContextManager[Span]:
        """The span of a whole request; a child of the caller's span if ``traceparent`` is given."""
        ...

    def step(self, name: str, context: RequestContext) -> AbstractContextManager[Span]: ...


class _Untraced:
    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def note(self, attributes: Mapping[str, Attribute]) -> None: ...


class NoTracer:
    """Records nothing, and passes the caller's ``traceparent`` on."""

    @contextmanager
    def request(self, name: str, request_id: str, traceparent: str) -> Iterator[Span]:
        yield _Untraced(traceparent)

    @contextmanager
    def step(self, name: str, context: RequestContext) -> Iterator[Span]:
        yield _Untraced(context.traceparent)


def trace_id_of(traceparent: str) -> str:
    """32 hexadecimal digits; empty if ``traceparent`` is malformed."""
    found = _TRACEPARENT.fullmatch(traceparent)
    return found[1] if found else ""


def below(span: Span, context: RequestContext) -> RequestContext:
    """The context for calls within the span."""
    if span.traceparent == context.traceparent:
        return context
    return context.model_copy(update={"traceparent": span.traceparent})
