"""The maximum use of a request, reserved before it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """The requested model, and the most tokens and micro-dollars that the request can use.

    Without a model nothing is charged.
    """

    model: str = ""
    tokens: int = 0
    micro_usd: int = 0
    session_id: str | None = None
