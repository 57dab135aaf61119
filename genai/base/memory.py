"""The interface of session memory."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from genai.messages import Turn


class BaseMemory(ABC):
    """Stores the turns of sessions. A session belongs to one user of one tenant; ids of different users
    are independent.

    Raises `BackendFailed` when the store cannot be reached.
    """

    @abstractmethod
    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        """Append the turns in order, all or none. Not idempotent."""

    @abstractmethod
    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        """The newest turns that fit into ``max_tokens``, oldest first; empty for a new session."""

    @abstractmethod
    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        """Delete a session; returns whether it existed. Safe to call twice."""

    def hold(self, tenant: str, user: str, session_id: str) -> None:
        """Keep the session: an answer is still to come. Returns at once and never raises."""
