import pytest

from genai.observability.tracing import NoTracer, below, trace_id_of
from tests.support.answering import context

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("given", [f"00-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-00-what-comes"])
def test_a_traceparent_names_its_trace(given: str) -> None:
    assert trace_id_of(given) == TRACE


@pytest.mark.parametrize(
    "given",
    [
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_an_invalid_traceparent_has_no_trace_id(given: str) -> None:
    assert trace_id_of(given) == ""


def test_without_a_collector_the_traceparent_is_passed_on() -> None:
    given = f"00-{TRACE}-{SPAN}-01"
    with NoTracer().request("generate", "r1", given) as span:
        inside = below(span, context())

    assert inside.traceparent == given
