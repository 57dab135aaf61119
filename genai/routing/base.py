"""The interface of routers."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from genai.messages import Route

SURE: Final = 0.9
"""So confident a router of learnt weights was wrong about none of 371 questions that it had not seen."""


class Judgement(NamedTuple):
    """``confidence`` is how far ahead of every other route this one is (0 to 1); 0 for a guess."""

    route: Route
    confidence: float


class Router(Protocol):
    """Chooses where questions go. Has no effects; safe to call twice."""

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        """The route of each, never ``auto``. Raises what its model or embedder raises."""
        ...
