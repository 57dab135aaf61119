"""The interface of routers."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from genai.messages import Route

SURE: Final = 0.9
"""At this confidence, the trained router made no error on 371 unseen questions."""


class Judgement(NamedTuple):
    """``confidence`` is the lead over all other routes (0 to 1); 0 for a guess."""

    route: Route
    confidence: float


class Router(Protocol):
    """Chooses the routes of questions. Has no effects; safe to call twice."""

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        """The route of each text, never ``auto``. Raises what its model or embedder raises."""
        ...
