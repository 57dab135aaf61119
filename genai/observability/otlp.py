"""Exports spans to an OpenTelemetry collector. The only module that imports its SDK.

The SDK reads its own variables: OTEL_EXPORTER_OTLP_ENDPOINT and _HEADERS, OTEL_SERVICE_NAME,
OTEL_TRACES_SAMPLER. If the collector does not answer, spans are lost; requests are not affected.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span as Recorded
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from genai.errors import CallerError, GenAIError
from genai.messages import RequestContext
from genai.observability.tracing import Attribute

_PROPAGATOR = TraceContextTextMapPropagator()
_HEX_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")


class OTLPTracer:
    """Records spans and sends them in the background."""

    def __init__(
        self, exporter: SpanExporter | None = None, service: str = "genai-factory"
    ) -> None:
        self._ids = _Ids()
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service}), id_generator=self._ids
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("genai")

    @contextmanager
    def request(self, name: str, request_id: str, traceparent: str) -> Iterator["_Span"]:
        digits = request_id.replace("-", "")  # UUIDs may have dashes
        self._ids.next_trace = int(digits, 16) if _HEX_ID.fullmatch(digits) else None
        with self._span(name, traceparent, SpanKind.SERVER) as span:
            span.note({"genai.request_id": request_id})
            yield span

    @contextmanager
    def step(self, name: str, context: RequestContext) -> Iterator["_Span"]:
        with self._span(name, context.traceparent, SpanKind.INTERNAL) as span:
            yield span

    def flush(self) -> None:
        self._provider.force_flush()

    @contextmanager
    def _span(self, name: str, traceparent: str, kind: SpanKind) -> Iterator["_Span"]:
        parent = _PROPAGATOR.extract({"traceparent": traceparent}, context=Context())
        recorded = self._tracer.start_span(name, parent, kind)
        try:
            yield _Span(recorded)
        except BaseException as error:
            recorded.set_attribute("error.type", _kind_of(error))
            if isinstance(error, Exception) and not isinstance(error, CallerError):
                recorded.set_status(StatusCode.ERROR)
            raise
        finally:
            recorded.end()


class _Span:
    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        where = recorded.get_span_context()
        self.traceparent = f"00-{where.trace_id:032x}-{where.span_id:016x}-{where.trace_flags:02x}"

    def note(self, attributes: Mapping[str, Attribute]) -> None:
        self._recorded.set_attributes(attributes)


class _Ids(RandomIdGenerator):
    """Uses the request id as the trace id where possible, so that one leads to the other."""

    next_trace: int | None = None

    def generate_trace_id(self) -> int:
        given, self.next_trace = self.next_trace, None
        return super().generate_trace_id() if given is None else given


def _kind_of(error: BaseException) -> str:
    """The code or the type, because a message could contain personal data."""
    return error.code if isinstance(error, GenAIError) else type(error).__name__
