"""Against a receiver that reads the protocol, as a collector does."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from genai.errors import BackendFailed, InvalidInput
from genai.observability.otlp import OTLPTracer
from genai.observability.tracing import below
from tests.support.answering import context

REQUEST_ID = "0af7651916cd43dd8448eb211c80319c"


class Collector:
    def __init__(self) -> None:
        self.spans: dict[str, Span] = {}
        received = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        received.spans |= {span.name: span for span in scope.spans}
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def tracer(collector: Collector) -> OTLPTracer:
    return OTLPTracer(OTLPSpanExporter(endpoint=collector.url, timeout=5))


@pytest.mark.parametrize("request_id", [REQUEST_ID, str(UUID(REQUEST_ID))])
def test_the_trace_of_a_request_has_its_id_and_its_steps_hang_below_it(
    tracer: OTLPTracer, collector: Collector, request_id: str
) -> None:
    with (
        tracer.request("generate", request_id, "") as whole,
        tracer.step("rag", below(whole, context())) as step,
    ):
        step.note({"gen_ai.response.model": "extractive"})
    tracer.flush()

    root, child = collector.spans["generate"], collector.spans["rag"]
    assert root.trace_id.hex() == child.trace_id.hex() == REQUEST_ID
    assert child.parent_span_id == root.span_id
    assert root.parent_span_id == b""
    assert child.attributes[0].value.string_value == "extractive"


def test_the_request_span_is_a_child_of_the_callers(
    tracer: OTLPTracer, collector: Collector
) -> None:
    trace, parent = "1" * 32, "2" * 16
    with tracer.request("generate", REQUEST_ID, f"00-{trace}-{parent}-01"):
        pass
    tracer.flush()

    root = collector.spans["generate"]
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (trace, parent)
    assert any(a.value.string_value == REQUEST_ID for a in root.attributes)


def test_ids_of_requests_that_overlap_are_not_mixed_up(
    tracer: OTLPTracer, collector: Collector
) -> None:
    async def serve(number: int) -> None:
        with tracer.request(f"r{number}", f"{number:032x}", "") as span:
            await asyncio.sleep(0)
            with tracer.step(f"s{number}", below(span, context())):
                await asyncio.sleep(0)

    async def serve_all() -> None:
        await asyncio.gather(*map(serve, range(1, 20)))

    asyncio.run(serve_all())
    tracer.flush()

    for number in range(1, 20):
        assert int(collector.spans[f"r{number}"].trace_id.hex(), 16) == number
        assert int(collector.spans[f"s{number}"].trace_id.hex(), 16) == number


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BackendFailed("secret words"), Status.STATUS_CODE_ERROR),
        (InvalidInput("secret words"), Status.STATUS_CODE_UNSET),
        (ValueError("secret words"), Status.STATUS_CODE_ERROR),
        (asyncio.CancelledError("secret words"), Status.STATUS_CODE_UNSET),
    ],
)
def test_errors_are_recorded_by_type_without_their_message(
    tracer: OTLPTracer, collector: Collector, error: BaseException, status: int
) -> None:
    with pytest.raises(type(error)), tracer.request("generate", REQUEST_ID, ""):
        raise error
    tracer.flush()

    span = collector.spans["generate"]
    assert span.status.code == status
    assert any(attribute.key == "error.type" for attribute in span.attributes)
    assert b"secret" not in span.SerializeToString()


def test_an_unreachable_collector_only_loses_spans() -> None:
    tracer = OTLPTracer(OTLPSpanExporter(endpoint="http://127.0.0.1:1/v1/traces", timeout=1))

    with tracer.request("generate", REQUEST_ID, ""):
        answered = True

    assert answered
