"""The interface of routers."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from genai.messages import Route


class Router(Protocol):
    """Chooses where a question goes. Has no effects; safe to call twice."""

    async def async_route(self, text: str) -> Route:
        """Never ``auto``. Raises what its model or embedder raises."""
        ...


class Judgement(NamedTuple):
    """``confidence`` is how far ahead of every other route this one is (0 to 1); 0 for a guess."""

    route: Route
    confidence: float


class Judge(Protocol):
    """Says how sure it is of each route. Has no effects; safe to call twice."""

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]: ...
