"""The interface of session memories."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from genai.messages import Turn


class BaseMemory(ABC):
    """Remembers the turns of a session. Every session belongs to one tenant and one user;
    another user's session of the same name is another session.

    Raises `BackendFailed` when the store cannot be reached.
    """

    @abstractmethod
    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        """Append the turns, all or none, in order. Calling it twice stores them twice."""

    @abstractmethod
    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        """The newest turns that fit into ``max_tokens``, oldest first; empty for a new session."""

    @abstractmethod
    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        """Forget a session; says whether there was one. Safe to call twice."""

    def hold(self, tenant: str, user: str, session_id: str) -> None:
        """An answer in this session is still to come, so it is not one that nobody came back to. Does
        not wait for the store, and raises nothing.
        """
