"""What a request asks for before it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """The model that is asked, and what the request can take at most: tokens and money.

    Without a model nothing is billed.
    """

    model: str = ""
    tokens: int = 0
    micro_usd: int = 0
    session_id: str | None = None
