from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from genai.errors import BackendFailed
from genai.messages import RequestContext
from genai.observability.tracing import Attribute, NoTracer
from tests.support.plans import Part, Stage, a_plan, ask, parallel


class Span:
    def __init__(self, name: str, parent: str) -> None:
        self.name, self.parent, self.traceparent = name, parent, f"below {name}"
        self.noted: dict[str, Attribute] = {}

    def note(self, attributes: Mapping[str, Attribute]) -> None:
        self.noted |= attributes


class Spans(NoTracer):
    """Keeps every span, under the place that its caller told."""

    def __init__(self) -> None:
        self.found: dict[str, Span] = {}

    @contextmanager
    def step(self, name: str, context: RequestContext) -> Iterator[Span]:
        self.found[name] = Span(name, context.traceparent)
        yield self.found[name]


@pytest.fixture
def spans() -> Spans:
    return Spans()


async def test_every_node_has_a_span_and_what_it_calls_lies_below(spans: Spans) -> None:
    stage = Stage(a_plan(start=parallel("one", "two"), one=ask("a"), two=ask("b")), tracer=spans)

    await stage.draft()

    parents = {name: span.parent for name, span in spans.found.items()}
    assert parents == {
        "plan start": "",
        "plan one": "below plan start",
        "plan two": "below plan start",
    }
    places = {question.context.traceparent for question in stage.rag.asked}
    assert places == {"below plan one", "below plan two"}


async def test_a_span_says_why_its_node_was_left_out(spans: Spans) -> None:
    stage = Stage(
        a_plan(start=ask("breaks", on_failure="skip")),
        {"breaks": Part(errors=[BackendFailed("x")])},
        tracer=spans,
    )

    await stage.draft()

    assert spans.found["plan start"].noted == {"genai.plan.failed": "backend_failed"}
