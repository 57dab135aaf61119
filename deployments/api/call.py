"""The input and output of handlers."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import orjson

from deployments.api.services import Claim, Services
from genai.access.limits import LimitHeaders
from genai.access.principal import Principal
from genai.errors import InvalidInput
from genai.llms.spending import Spending
from genai.llms.spent import Ending, spent_by, was_cut_off
from genai.memory.names import checked
from genai.messages import RequestContext, Usage
from genai.meter import Meter


@dataclass(slots=True)
class Call:
    """One authenticated request.

    A handler sets ``usage`` when it knows it. A stream reports to ``meter`` instead; ``prompt_tokens``
    and ``max_tokens`` bound the estimate if it is cut. ``limits`` are the rate limit headers of a run
    that the handler started. ``is_run``: the handler only follows a durable run.
    """

    services: Services
    principal: Principal
    request_id: str
    deadline: float
    path: Mapping[str, str]
    query: bytes
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    usage: Usage | None = None
    allowance_micro_usd: int | None = None
    prompt_tokens: int = 0
    max_tokens: int = 0
    traceparent: str = ""
    meter: Meter | None = None
    claim: Claim | None = None
    limits: LimitHeaders = ()
    is_run: bool = False

    def context(self) -> RequestContext:
        principal = self.principal
        return RequestContext(
            request_id=self.request_id,
            tenant=principal.tenant,
            user=principal.user,
            deadline=self.deadline,
            key_id=principal.key_id,
            roles=principal.roles,
            groups=principal.groups,
            allowance_micro_usd=self.allowance_micro_usd,
            traceparent=self.traceparent,
        )

    def metered(self) -> Meter:
        """Creates the meter for the stream of this request."""
        self.meter = Meter()
        return self.meter

    def consumed(self) -> Usage | None:
        """The usage so far; None when it is unknown."""
        if self.usage is None and self.meter is not None:
            return self.meter.reading(self.prompt_tokens, self.max_tokens)
        return self.usage

    def failed(self, error: Ending, counted: Spending) -> None:
        """Take the usage from the error, or, if it was cut off, from the calls until then."""
        self.usage = spent_by(error)
        if was_cut_off(error) and counted.calls:
            self.usage = counted.total
            if self.meter is not None and not self.meter.has_text:
                self.meter = None  # it would say that nothing was used
        elif self.meter is None and self.usage is None:
            self.usage = Usage()

    def within_s(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self.deadline - time.time())

    def is_accounted(self) -> bool:
        """Whether the final event, which carries the usage, was seen."""
        return self.usage is not None

    def shown_id(self, answer_id: str) -> str:
        """The id of an answer as its caller sees it."""
        return self.services.answer_ids.sign(answer_id, self.principal)

    def identifier(self, name: str) -> str:
        """A validated id from the path."""
        return checked(self.path[name], name)

    def query_number(self, name: str, default: int, *, most: int, least: int = 1) -> int:
        """A validated integer from the query string."""
        given = _asked(self.query).get(name, [str(default)])[-1]
        if not (
            given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most
        ):
            raise InvalidInput(f"{name} must be a whole number from {least} to {most}", name)
        return int(given)


@dataclass(frozen=True, slots=True)
class Reply:
    """``kept`` is the body stored for the `Idempotency-Key`, where it differs from the reply."""

    body: bytes
    status: int = 200
    media_type: bytes = b"application/json"
    kept: bytes | None = None

    def kept_as(self, value: Any) -> "Reply":
        return replace(self, kept=orjson.dumps(value))


def reply(value: Any, status: int = 200) -> Reply:
    return Reply(orjson.dumps(value), status)


def check_names(query: bytes, known: tuple[str, ...]) -> None:
    """Raises `InvalidInput` if the query string has other parameters than ``known``, or one twice."""
    asked = _asked(query)
    if not asked.keys() <= set(known):
        told = f"no parameters but {', '.join(known)}" if known else "no parameters"
        raise InvalidInput(f"the query string of this path takes {told}")
    for name, given in asked.items():
        if len(given) > 1:
            raise InvalidInput(f"{name} must be given once", name)


def _asked(query: bytes) -> dict[str, list[str]]:
    return parse_qs(query.decode("latin-1"), keep_blank_values=True)
