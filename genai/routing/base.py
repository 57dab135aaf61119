"""The interface of routers."""

from typing import Protocol

from genai.messages import Route


class Router(Protocol):
    """Chooses where a question goes. Has no effects; safe to call twice."""

    async def async_route(self, text: str) -> Route:
        """Never ``auto``. Raises what its model or embedder raises."""
        ...
